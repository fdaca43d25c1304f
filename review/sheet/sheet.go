// Package sheet reads spreadsheets, CSV and XLSX, as plain text: no formula is
// evaluated, and nothing in a file makes it panic or takes memory without end.
// It knows nothing of proposals but the columns that one is made of.
package sheet

import (
	"bytes"
	"strings"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// Limits of a spreadsheet.
const (
	MaxBytes    = 10 << 20 // of the file
	MaxUnpacked = 64 << 20 // of all that an XLSX packs
	MaxRows     = 5_000    // that are not empty, without the headings
	MaxColumns  = 60
	MaxCell     = 50_000 // bytes
)

// Table is one sheet of a file.
type Table struct {
	Sheets  []string `json:"sheets" doc:"of the file, by name; a CSV has none"`
	Sheet   string   `json:"sheet" doc:"the one that was read"`
	Columns []string `json:"columns" doc:"headings, from the first row that is not empty"`
	Rows    []Row    `json:"rows" doc:"those that are not empty"`
	Notes   []string `json:"notes" doc:"what a person should know of how it was read"`
}

// Row is one row that is not empty.
type Row struct {
	Number int      `json:"number" doc:"as spreadsheet programs count, from 1"`
	Cells  []string `json:"cells" doc:"as many as there are columns"`
}

// Read reads the sheet of a name, or else the first, of a file. What it holds
// says what it is, whatever its name. The fault is Invalid or TooLarge.
func Read(file []byte, name string) (Table, error) {
	switch {
	case len(file) > MaxBytes:
		return Table{}, fault.New(fault.TooLarge, "A spreadsheet has at most %d MB.", MaxBytes>>20)
	case bytes.HasPrefix(file, []byte("PK")):
		return readXLSX(file, name)
	case bytes.HasPrefix(file, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		return Table{}, fault.New(fault.Invalid, "This is an old Excel file (.xls), or one with a password. Save it as .xlsx or CSV without a password.")
	}
	return readCSV(file)
}

// Cell gives the text of a column, which counts from 1; 0 is no column.
func (r Row) Cell(column int) string {
	if column < 1 || column > len(r.Cells) {
		return ""
	}
	return r.Cells[column-1]
}

// builder collects rows and holds them to the limits.
type builder struct{ all []Row }

func (b *builder) add(number int, cells []string) error {
	kept := make([]string, 0, min(len(cells), MaxColumns))
	for i, cell := range cells {
		cell = strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(cell, "\r\n", "\n"), "\r", "\n"))
		switch {
		case cell == "":
			continue
		case i >= MaxColumns:
			return fault.New(fault.TooLarge, "Row %d has more than %d columns. Take away those that are not needed.", number, MaxColumns)
		case len(cell) > MaxCell:
			return fault.New(fault.TooLarge, "Row %d has a cell with %d kB; %d are allowed.", number, len(cell)>>10, MaxCell>>10)
		}
		for len(kept) < i {
			kept = append(kept, "")
		}
		kept = append(kept, strings.ToValidUTF8(cell, "\uFFFD"))
	}
	if len(kept) == 0 {
		return nil
	}
	if len(b.all) > MaxRows {
		return fault.New(fault.TooLarge, "There are more than %d rows. Split the spreadsheet.", MaxRows)
	}
	b.all = append(b.all, Row{number, kept})
	return nil
}

// table makes the first row the headings and all rows as wide.
func (b *builder) table(t Table) (Table, error) {
	if len(b.all) == 0 {
		return t, fault.New(fault.Invalid, "The spreadsheet is empty.")
	}
	width := 0
	for _, row := range b.all {
		width = max(width, len(row.Cells))
	}
	for i := range b.all {
		for len(b.all[i].Cells) < width {
			b.all[i].Cells = append(b.all[i].Cells, "")
		}
	}
	t.Columns, t.Rows = b.all[0].Cells, b.all[1:]
	for i, heading := range t.Columns {
		if t.Columns[i] = strings.Join(strings.Fields(heading), " "); heading == "" {
			t.Columns[i] = "Column " + letters(i)
		}
	}
	if len(t.Rows) == 0 {
		return t, fault.New(fault.Invalid, "The spreadsheet has one row only, which is taken for the headings. Write a row for each procedure example below it.")
	}
	return t, nil
}

// letters names a column as spreadsheet programs do.
func letters(i int) string {
	name := string(rune('A' + i%26))
	if i >= 26 {
		name = letters(i/26-1) + name
	}
	return name
}
