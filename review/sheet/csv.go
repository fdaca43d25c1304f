package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// readCSV reads text whose cells are apart by commas, semicolons or tabs.
func readCSV(file []byte) (Table, error) {
	t := Table{Sheets: []string{}, Notes: []string{}}
	text, note, err := decode(file)
	if err != nil {
		return t, err
	}
	if note != "" {
		t.Notes = append(t.Notes, note)
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return t, fault.New(fault.Invalid, "This is no spreadsheet. Choose a CSV or an XLSX file.")
	}
	if bytes.IndexByte(text, '\n') < 0 { // as old programs end lines
		text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	}
	comma, rest := separator(text)
	var b builder
	if err := b.read(rest, comma, bytes.Count(text[:len(text)-len(rest)], []byte("\n"))); err != nil {
		return t, err
	}
	return b.table(t)
}

// read adds the records. The number of a row is that of its record, with the
// empty lines that the reader leaves out: so count spreadsheet programs.
func (b *builder) read(text []byte, comma rune, number int) error {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord = comma, -1
	for line, from := 1, int64(0); ; {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			return fault.New(fault.Invalid, "Line %d is not valid CSV: a quotation mark stands alone. Double it, or end the cell with one (%s).", wrong.Line, wrong.Err)
		}
		if err != nil {
			return fmt.Errorf("read a CSV: %w", err)
		}
		starts, _ := r.FieldPos(0)
		number += 1 + starts - line
		line += bytes.Count(text[from:r.InputOffset()], []byte("\n"))
		from = r.InputOffset()
		if err := b.add(number, cells); err != nil {
			return err
		}
	}
}

// decode gives the text in UTF-8 without a mark of its order, and what a person
// should know of it.
func decode(file []byte) (text []byte, note string, err error) {
	switch {
	case bytes.HasPrefix(file, []byte{0xef, 0xbb, 0xbf}):
		file = file[3:]
	case bytes.HasPrefix(file, []byte{0xff, 0xfe}), bytes.HasPrefix(file, []byte{0xfe, 0xff}):
		if text, err = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(file); err != nil {
			return nil, "", fault.New(fault.Invalid, "The text cannot be read (UTF-16). Save the file as UTF-8.").Because(err)
		}
		return text, "", nil
	}
	if utf8.Valid(file) {
		return file, "", nil
	}
	if text, err = charmap.Windows1252.NewDecoder().Bytes(file); err != nil {
		return nil, "", fault.New(fault.Invalid, "The text cannot be read. Save the file as UTF-8.").Because(err)
	}
	return text, "The file is not in UTF-8 and was read as Windows-1252. Look whether letters with accents are right.", nil
}

// separator finds what stands most often between the cells of the first line
// that has any, and gives the text behind a line like "sep=;".
func separator(text []byte) (rune, []byte) {
	for _, mark := range []string{"sep=", "SEP="} {
		if rest, ok := bytes.CutPrefix(text, []byte(mark)); ok && len(rest) > 0 && bytes.IndexByte([]byte(",;\t"), rest[0]) >= 0 {
			if _, behind, ok := bytes.Cut(rest, []byte("\n")); ok {
				return rune(rest[0]), behind
			}
		}
	}
	count, quoted := map[byte]int{}, false
	for _, c := range text {
		if c == '"' {
			quoted = !quoted
		}
		if c == '\n' && !quoted && len(count) > 0 {
			break
		}
		if !quoted && (c == ',' || c == ';' || c == '\t') {
			count[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte{';', '\t'} {
		if count[c] > count[best] {
			best = c
		}
	}
	return rune(best), text
}
