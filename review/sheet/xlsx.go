package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// readXLSX reads one sheet of a workbook. Of a formula it takes what the
// spreadsheet program found when it was saved.
func readXLSX(file []byte, name string) (t Table, err error) {
	// The library is for files that spreadsheet programs write; others must
	// not end the server.
	defer func() {
		if wrong := recover(); wrong != nil {
			t, err = Table{}, unreadable(fmt.Errorf("panic: %v", wrong))
		}
	}()
	if err := unpacked(file); err != nil {
		return t, err
	}
	// The same limit twice, so that nothing is put on the disk.
	book, err := excelize.OpenReader(bytes.NewReader(file), excelize.Options{UnzipSizeLimit: MaxUnpacked, UnzipXMLSizeLimit: MaxUnpacked})
	if err != nil {
		return t, unreadable(err)
	}
	defer book.Close()
	t = Table{Sheets: book.GetSheetList(), Notes: []string{}}
	switch {
	case len(t.Sheets) == 0:
		return t, fault.New(fault.Invalid, "The workbook has no sheet.")
	case name == "":
		t.Sheet = t.Sheets[0]
	case slices.Contains(t.Sheets, name):
		t.Sheet = name
	default:
		return t, fault.InField("sheet", "The workbook has no sheet %.40q.", name)
	}
	rows, err := book.Rows(t.Sheet)
	if err != nil {
		return t, unreadable(err)
	}
	defer rows.Close()
	var b builder
	for number := 1; rows.Next(); number++ {
		cells, err := rows.Columns()
		if err != nil {
			return t, unreadable(err)
		}
		if err := b.add(number, cells); err != nil {
			return t, err
		}
	}
	if err := rows.Error(); err != nil {
		return t, unreadable(err)
	}
	return b.table(t)
}

func unreadable(cause error) error {
	return fault.New(fault.Invalid, "The workbook cannot be read. Open it in a spreadsheet program and save it anew as .xlsx or CSV.").Because(cause)
}

// unpacked looks at what the file says of its own size, before anything is
// unpacked: the library looks only at each part as it comes to it.
func unpacked(file []byte) error {
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return unreadable(err)
	}
	var sum uint64
	for _, part := range archive.File {
		if sum += min(part.UncompressedSize64, MaxUnpacked+1); sum > MaxUnpacked {
			return fault.New(fault.TooLarge, "The workbook unpacks to more than %d MB. Save the sheet alone, or as CSV.", MaxUnpacked>>20)
		}
	}
	return nil
}
