package sheet_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/sheet"
)

func TestCSVIsReadAsProgramsWriteIt(t *testing.T) {
	want := []sheet.Row{{2, []string{"Gang", "Überfüllen; hot, \"very\"\nhot"}}, {4, []string{"Cult", ""}}}
	text := "Who,What\r\nGang,\"Überfüllen; hot, \"\"very\"\"\nhot\"\r\n\r\nCult,\r\n"
	turned := func(comma string) string {
		return strings.NewReplacer("Who,", "Who"+comma, "Gang,", "Gang"+comma, "Cult,", "Cult"+comma).Replace(text)
	}
	utf16 := func(e unicode.Endianness) []byte {
		b, err := unicode.UTF16(e, unicode.UseBOM).NewEncoder().Bytes([]byte(turned("\t")))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	windows, err := charmap.Windows1252.NewEncoder().Bytes([]byte(turned(";")))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file  []byte
		notes int
	}{
		"commas": {[]byte(text), 0}, "semicolons": {[]byte(turned(";")), 0}, "tabs": {[]byte(turned("\t")), 0},
		"a byte order mark": {[]byte("\uFEFF" + text), 0}, "a line sep=": {[]byte("sep=;\n" + turned(";")), 0},
		"UTF-16 of Excel": {utf16(unicode.LittleEndian), 0}, "UTF-16, big end first": {utf16(unicode.BigEndian), 0}, "Windows-1252": {windows, 1},
	} {
		got, err := sheet.Read(c.file, "")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		expected := want
		if strings.HasPrefix(name, "a line") { // it is a row, too
			expected = []sheet.Row{{3, want[0].Cells}, {5, want[1].Cells}}
		}
		if diff := cmp.Diff(expected, got.Rows); diff != "" || len(got.Notes) != c.notes || !cmp.Equal(got.Columns, []string{"Who", "What"}) {
			t.Errorf("%s: %v %v\n%s", name, got.Columns, got.Notes, diff)
		}
	}
}

func workbook(t testing.TB, fill func(*excelize.File) error) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if err := fill(f); err != nil {
		t.Fatal(err)
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAWorkbookIsReadAsText(t *testing.T) {
	file := workbook(t, func(f *excelize.File) error {
		for cell, v := range map[string]any{"A1": "Who", "B1": "Technique", "A2": "Gang", "B2": "T1001", "A5": "Cult", "B5": 1234.5} {
			if err := f.SetCellValue("Sheet1", cell, v); err != nil {
				return err
			}
		}
		if _, err := f.NewSheet("Second"); err != nil {
			return err
		}
		for cell, v := range map[string]string{"A1": "Who", "A2": "=1+1"} {
			if err := f.SetCellStr("Second", cell, v); err != nil {
				return err
			}
		}
		return f.SetCellFormula("Second", "A3", `HYPERLINK("https://example.com","x")`)
	})
	first, err := sheet.Read(file, "")
	want := []sheet.Row{{2, []string{"Gang", "T1001"}}, {5, []string{"Cult", "1234.5"}}}
	if err != nil || !cmp.Equal(first.Rows, want) || !cmp.Equal(first.Sheets, []string{"Sheet1", "Second"}) {
		t.Errorf("the first sheet is %+v, %v", first, err)
	}
	second, err := sheet.Read(file, "Second")
	if err != nil || !cmp.Equal(second.Rows, []sheet.Row{{2, []string{"=1+1"}}}) { // the formula was never computed, and is not here
		t.Errorf("the second sheet is %+v, %v", second, err)
	}
	if _, err := sheet.Read(file, "Third"); fault.CodeOf(err) != fault.Invalid {
		t.Errorf("a sheet that is not there: %v", err)
	}
}

func TestWhatIsNoSpreadsheetIsRefused(t *testing.T) {
	bomb := func() []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for i := range 3 {
			w, err := z.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", i))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(bytes.Repeat([]byte(" "), sheet.MaxUnpacked/2)); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for name, c := range map[string]struct {
		file []byte
		code fault.Code
	}{
		"nothing":             {nil, fault.Invalid},
		"headings alone":      {[]byte("who,technique\n"), fault.Invalid},
		"blank rows":          {[]byte("\n ,\n\n"), fault.Invalid},
		"a picture":           {[]byte("\x89PNG\r\n\x1a\n\x00\x00\x00"), fault.Invalid},
		"an old workbook":     {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), fault.Invalid},
		"half a zip":          {[]byte("PK\x03\x04what"), fault.Invalid},
		"a lonely quote":      {[]byte("a,b\n\"c\"d,e\n"), fault.Invalid},
		"a zip bomb":          {bomb(), fault.TooLarge},
		"a file without end":  {make([]byte, sheet.MaxBytes+1), fault.TooLarge},
		"rows without end":    {[]byte("a\n" + strings.Repeat("x\n", sheet.MaxRows+1)), fault.TooLarge},
		"columns without end": {[]byte("a" + strings.Repeat(",b", sheet.MaxColumns) + "\n"), fault.TooLarge},
		"a cell without end":  {[]byte("a\n" + strings.Repeat("x", sheet.MaxCell+1)), fault.TooLarge},
		"a column far away": {workbook(t, func(f *excelize.File) error {
			return f.SetCellStr("Sheet1", "XFD1", "far")
		}), fault.TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			if c.code == fault.TooLarge {
				attacktest.Heavy(t)
			}
			if _, err := sheet.Read(c.file, ""); err == nil || fault.CodeOf(err) != c.code {
				t.Errorf("%v, want a fault %s", err, c.code)
			}
		})
	}
	if got, err := sheet.Read([]byte("a\n"+strings.Repeat("x\n", sheet.MaxRows)), ""); err != nil || len(got.Rows) != sheet.MaxRows {
		t.Errorf("as many rows as are allowed: %v", err)
	}
}

func TestColumnsAreGuessedByTheirHeadings(t *testing.T) {
	for headings, want := range map[string]sheet.Mapping{
		"Who|Technique|Description|Source in full|URL|Source":                                                         {Who: 1, Technique: 2, Description: 3, Citation: 4, URL: 5, Source: 6},
		"Technique ID|Technique Name|Threat Actor|Procedure Example|Reference|Link":                                   {Technique: 1, Who: 3, Description: 4, Source: 5, URL: 6},
		"group_id|technique_id|use|source|source url|citation":                                                        {Who: 1, Technique: 2, Description: 3, Source: 4, URL: 5, Citation: 6},
		"source ID|source name|source ref|source type|mapping type|target ID|target name|mapping description|STIX ID": {Who: 1, Technique: 6, Description: 8},
		"source name|target name|mapping description":                                                                 {Who: 1, Technique: 2, Description: 3},
		"ATT&CK ID|APT|How was it used (description)?|Title of the report|Web address":                                {Technique: 1, Who: 2, Description: 3, Source: 4, URL: 5},
		"Malware|TTP|Text|Report|Website":                                                                             {Who: 1, Technique: 2, Description: 3, Source: 4, URL: 5},
		"a|b|c":                                                                                                       {},
		"":                                                                                                            {},
	} {
		if got := sheet.Guess(strings.Split(headings, "|")); got != want {
			t.Errorf("%s: %+v, want %+v", headings, got, want)
		}
	}
}

func TestTheTemplateIsReadAndHarmless(t *testing.T) {
	want := sheet.Mapping{Who: 1, Technique: 2, Description: 3, Source: 4, URL: 5, Citation: 6}
	table, err := sheet.Read(append(sheet.Template(), "a,b,c,d,e,f\r\n"...), "")
	if err != nil || sheet.Guess(table.Columns) != want {
		t.Errorf("the template is read as %+v, %v", table, err)
	}
	for _, heading := range table.Columns {
		if strings.ContainsAny(heading[:1], "=+-@") {
			t.Errorf("%q is a formula", heading)
		}
	}
}

// FuzzRead reads whatever there is: it must not panic, and keeps to its limits.
func FuzzRead(f *testing.F) {
	f.Add([]byte("sep=;\nwho;what\n\"a\nb\";c\n\n=1;\"x\"\n"))
	f.Add([]byte("\xff\xfea\x00\t\x00b\x00\n\x00c\x00"))
	f.Add([]byte("a,b\rc,d\r"))
	f.Add([]byte{0xfe, 0xff, 0xd8})
	f.Add(workbook(f, func(b *excelize.File) error { return b.SetSheetRow("Sheet1", "A1", &[]any{"who", 1, true, "x"}) }))
	f.Fuzz(func(t *testing.T, file []byte) {
		table, err := sheet.Read(file, "")
		if err != nil {
			return
		}
		last := 0
		for _, row := range table.Rows {
			if row.Number <= last || len(row.Cells) != len(table.Columns) || len(row.Cells) > sheet.MaxColumns {
				t.Errorf("row %d behind %d has %d cells of %d", row.Number, last, len(row.Cells), len(table.Columns))
			}
			last = row.Number
		}
		sheet.Guess(table.Columns)
	})
}
