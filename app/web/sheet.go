package web

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/sheet"
)

// maxPreview is how many rows a spreadsheet is shown by.
const maxPreview = 8

// SheetPreview is what is in a spreadsheet, before it is held against anything.
type SheetPreview struct {
	sheet.Table
	Total   int           `json:"total" doc:"rows of the spreadsheet; the first of them are shown"`
	Mapping sheet.Mapping `json:"mapping" doc:"what the headings say"`
}

// InSheet is a file of a workshop. It is sent with each step, so that nothing
// is kept of one that nobody goes on with.
type InSheet struct {
	InWorkshop
	Sheet   string `query:"sheet" maxLength:"100" doc:"of a workbook, by name; empty: the first"`
	RawBody []byte `contentType:"application/octet-stream"`
}

// InMapped is a file whose columns are known.
type InMapped struct {
	InSheet
	Who         int `query:"who" minimum:"0" maximum:"60" doc:"number of the column, from 1, that says which group, software or campaign; 0: none"`
	Technique   int `query:"technique" minimum:"0" maximum:"60" doc:"which technique"`
	Description int `query:"description" minimum:"0" maximum:"60" doc:"how it was used"`
	Source      int `query:"source" minimum:"0" maximum:"60" doc:"the name by which the source is cited"`
	URL         int `query:"url" minimum:"0" maximum:"60" doc:"the address of the source"`
	Citation    int `query:"citation" minimum:"0" maximum:"60" doc:"the source in full"`
}

func (in *InMapped) read() (review.Sheet, error) {
	table, err := sheet.Read(in.RawBody, in.Sheet)
	return review.Sheet{Table: table, Columns: sheet.Mapping{Who: in.Who, Technique: in.Technique, Description: in.Description, Source: in.Source,
		URL: in.URL, Citation: in.Citation}}, err
}

func (s *Server) sheetRoutes() {
	const at = "/workshops/{workshop}/sheet"
	takes := func(op *huma.Operation) { op.MaxBodyBytes = sheet.MaxBytes }
	route(s, "read-sheet", http.MethodPost, at+"/read", "What is in a spreadsheet, CSV or XLSX, and what its columns may be",
		func(_ context.Context, in *InSheet) (*body[SheetPreview], error) {
			table, err := sheet.Read(in.RawBody, in.Sheet)
			if err != nil {
				return nil, err
			}
			p := SheetPreview{Table: table, Total: len(table.Rows), Mapping: sheet.Guess(table.Columns)}
			p.Rows = p.Rows[:min(len(p.Rows), maxPreview)]
			return answer(p, nil)
		}, takes)
	route(s, "try-sheet", http.MethodPost, at+"/try", "What a spreadsheet of procedure examples will be, row by row; nothing is changed",
		func(ctx context.Context, in *InMapped) (*body[review.SheetReport], error) {
			domain, given, err := s.sheetIn(ctx, in)
			if err != nil {
				return nil, err
			}
			return answer(s.Proposals.TrySheet(ctx, actorOf(ctx), domain, given))
		}, takes)
	route(s, "make-sheet", http.MethodPost, at+"/make", "Make a proposal of each row of a spreadsheet, all or none",
		func(ctx context.Context, in *struct {
			InMapped
			Submit bool `query:"submit" doc:"submit them; else they are drafts that only I see"`
		}) (*body[review.SheetMade], error) {
			domain, given, err := s.sheetIn(ctx, &in.InMapped)
			if err != nil {
				return nil, err
			}
			given.Submit = in.Submit
			return answer(s.Proposals.MakeSheet(ctx, actorOf(ctx), domain, given))
		}, takes)
	route(s, "get-sheet-template", http.MethodGet, at+"/template.csv", "A spreadsheet to fill in",
		func(ctx context.Context, _ *InWorkshop) (*huma.StreamResponse, error) {
			return s.download(ctx, "", file{"procedure-examples.csv", "text/csv; charset=utf-8", "",
				func(_ context.Context, w io.Writer) error {
					if _, err := w.Write(sheet.Template()); err != nil {
						return fmt.Errorf("send a template: %w", err)
					}
					return nil
				}})
		})
}

func (s *Server) sheetIn(ctx context.Context, in *InMapped) (domain string, given review.Sheet, err error) {
	w, err := s.Workshops.Get(ctx, in.Workshop)
	if err != nil {
		return "", given, err
	}
	given, err = in.read()
	return w.Domain, given, err
}
