package index

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// Read unpacks an index into a STIX bundle.
func Read(r io.Reader) ([]byte, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("unpack the index: %w", err)
	}
	text := &lines{Reader: bufio.NewReaderSize(z, 1<<20)}
	var h head
	if err := text.decode(&h); err != nil {
		return nil, err
	}
	if h.Format != format {
		return nil, fmt.Errorf("the index is of the format %q, not %q", h.Format, format)
	}
	t := &table{}
	for len(t.ids) < h.Objects {
		if err := t.read(text); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	err = taxonomy.WriteBundle(&out, h.Bundle, t.each)
	return out.Bytes(), err
}

// lines reads text line by line, however long they are.
type lines struct{ *bufio.Reader }

func (l *lines) next() (string, error) {
	text, err := l.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("the index ends too early: %w", err)
	}
	return strings.TrimSuffix(text, "\n"), nil
}

func (l *lines) decode(v any) error {
	text, err := l.next()
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return fmt.Errorf("read the index: %w", err)
	}
	return nil
}

// table is an index as it was read.
type table struct {
	sections []section
	columns  [][][]string // of each section, by property, by object
	ids      []string     // of all objects, as JSON
	stamps   []string     // when each was modified, as JSON
}

func (t *table) read(text *lines) error {
	var s section
	if err := text.decode(&s); err != nil {
		return err
	}
	var columns [][]string
	for _, p := range s.Properties {
		row, err := text.next()
		if err != nil {
			return err
		}
		values := strings.Split(row, "\t")
		if len(values) != s.Count || s.Count == 0 {
			return fmt.Errorf("the index has %d values of %s for %d of %s", len(values), p, s.Count, s.Type)
		}
		columns = append(columns, values)
	}
	if len(columns) == 0 || s.Properties[0] != "id" {
		return fmt.Errorf("the index has no ids of %s", s.Type)
	}
	t.sections, t.columns, t.ids = append(t.sections, s), append(t.columns, columns), append(t.ids, columns[0]...)
	t.stamps = append(t.stamps, stamps(s, columns)...)
	return nil
}

func stamps(s section, columns [][]string) []string {
	list := make([]string, s.Count)
	for i, p := range s.Properties {
		for n, value := range columns[i] {
			if value != "" && (p == "modified" || p == "created" && list[n] == "") {
				list[n] = value
			}
		}
	}
	return list
}

// each puts all objects as JSON.
func (t *table) each(put func(raw []byte) error) error {
	for i, s := range t.sections {
		for n := range s.Count {
			raw, err := t.object(s, t.columns[i], n)
			if err != nil {
				return err
			}
			if err := put(raw); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *table) object(s section, columns [][]string, n int) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(`{"type":` + strconv.Quote(s.Type))
	for i, p := range s.Properties {
		value := columns[i][n]
		if value == "" {
			continue
		}
		if refers(p) {
			var err error
			if value, err = t.lengthen(value); err != nil {
				return nil, fmt.Errorf("%s of %s: %w", p, columns[0][n], err)
			}
		}
		out.WriteString("," + strconv.Quote(p) + ":" + value)
	}
	if s.Type == attack.TypeCollection {
		t.contents(&out, columns[0][n])
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// lengthen puts ids in place of numbers.
func (t *table) lengthen(value string) (string, error) {
	list, isList := strings.CutPrefix(value, "[")
	parts := []string{value}
	if isList {
		parts = strings.Split(strings.TrimSuffix(list, "]"), ",")
	}
	for i, part := range parts {
		if part == "" || part[0] == '"' { // an id that is not in the file
			continue
		}
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || n >= len(t.ids) {
			return "", fmt.Errorf("the index has no object %q", part)
		}
		parts[i] = t.ids[n]
	}
	if isList {
		return "[" + strings.Join(parts, ",") + "]", nil
	}
	return parts[0], nil
}

// contents lists all other objects, as a collection does.
func (t *table) contents(out *bytes.Buffer, self string) {
	out.WriteString(`,"x_mitre_contents":[`)
	separator := ""
	for i, id := range t.ids {
		if id == self {
			continue
		}
		out.WriteString(separator + `{"object_modified":` + t.stamps[i] + `,"object_ref":` + id + "}")
		separator = ","
	}
	out.WriteByte(']')
}
