package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/danielgtaylor/huma/v2"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// States of an import.
const (
	importRunning = "running"
	importDone    = "done"
	importFailed  = "failed"
)

// maxImports is how many imports are remembered and, as long as they run,
// waited for.
const maxImports = 20

// Import is an uploaded file on its way into the taxonomy.
type Import struct {
	ID     string           `json:"id"`
	State  string           `json:"state" enum:"running,done,failed"`
	Phase  string           `json:"phase"`
	Done   int64            `json:"done" doc:"of total, in the unit of the phase"`
	Total  int64            `json:"total" doc:"0: not known"`
	Report *taxonomy.Report `json:"report,omitempty" doc:"also of a file that a strict import refused"`
	Error  string           `json:"error,omitempty"`
	owner  string
}

// imports runs uploads one after the other, each in a goroutine that stop ends
// and waits for.
type imports struct {
	Deps
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	turn   sync.Mutex // one import at a time
	mu     sync.Mutex // guards what follows
	byID   map[string]*Import
	order  []string
}

func newImports(d Deps) *imports {
	ctx, cancel := context.WithCancel(context.Background())
	return &imports{Deps: d, ctx: ctx, cancel: cancel, byID: map[string]*Import{}}
}

func (i *imports) stop() {
	i.cancel()
	i.work.Wait()
}

func (s *Server) importRoutes() {
	route(s, "start-import", http.MethodPost, "/imports", "Import a STIX bundle, .json or .json.gz",
		func(ctx context.Context, in *struct {
			Name   string `query:"name" maxLength:"300" doc:"of the file"`
			Strict bool   `query:"strict" doc:"refuse a file with a severe finding"`
		}) (*body[Import], error) {
			upload, _ := ctx.Value(uploadKey{}).(io.Reader)
			return answer(s.imports.start(actorOf(ctx).User, taxonomy.Source{Name: in.Name, Kind: taxonomy.FromImport, Strict: in.Strict}, upload))
		},
		func(op *huma.Operation) {
			op.DefaultStatus = http.StatusAccepted
			op.RequestBody = &huma.RequestBody{Content: map[string]*huma.MediaType{
				"application/octet-stream": {Schema: &huma.Schema{Type: "string", Format: "binary"}}}}
		})
	route(s, "get-import", http.MethodGet, "/imports/{id}", "How far is an import?",
		func(ctx context.Context, in *struct {
			ID string `path:"id" maxLength:"100"`
		}) (*body[Import], error) {
			return answer(s.imports.get(in.ID, actorOf(ctx).User))
		})
}

// start takes in the upload and begins the import.
func (i *imports) start(owner string, in taxonomy.Source, upload io.Reader) (Import, error) {
	if err := i.ctx.Err(); err != nil {
		return Import{}, fault.New(fault.Unavailable, "The server is about to stop. Try again in a moment.")
	}
	file, size, err := i.spool(upload)
	if err != nil {
		return Import{}, err
	}
	job := &Import{ID: rand.Text(), State: importRunning, Phase: "waiting", owner: owner}
	if err := i.remember(job); err != nil {
		return Import{}, errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	first := *job
	i.work.Go(func() {
		i.turn.Lock()
		defer i.turn.Unlock()
		in.Reader, in.Size = file, size
		report, err := i.Taxonomy.Import(i.ctx, in,
			func(phase string, done, total int64) {
				i.change(func() { job.Phase, job.Done, job.Total = phase, done, total })
			})
		if err := errors.Join(file.Close(), os.Remove(file.Name())); err != nil {
			i.Log.Warn("clean up after an import", "error", err)
		}
		if err == nil { // who sees that it is done sees what it means to proposals
			if err := i.Proposals.Settle(i.ctx); err != nil {
				i.Log.Error("hold proposals against an import", "error", err)
			}
		}
		i.change(func() { i.finish(job, report, err) })
	})
	return first, nil
}

func (i *imports) finish(job *Import, report taxonomy.Report, err error) {
	if err == nil {
		job.State, job.Report = importDone, &report
		return
	}
	job.State = importFailed
	var f *fault.Error
	if errors.As(err, &f) {
		job.Error = f.Message
		if report, ok := f.Details.(taxonomy.Report); ok {
			job.Report = &report
		}
		return
	}
	i.Log.Error("import failed", "error", err)
	job.Error = "The import failed, and nothing of it was kept. Try again; if it stays, ask the administrator to look into the log."
}

// spool puts an upload into a file, for the request ends before the import.
func (i *imports) spool(upload io.Reader) (file *os.File, size int64, err error) {
	file, err = os.CreateTemp(i.UploadDir, uploadName)
	if err != nil {
		return nil, 0, fmt.Errorf("keep an upload: %w", err)
	}
	size, err = io.Copy(file, io.LimitReader(upload, maxUpload+1))
	if err == nil && size > maxUpload {
		err = fault.New(fault.TooLarge, "A file has at most %d MB.", maxUpload>>20)
	}
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if errors.Is(err, syscall.ENOSPC) {
		err = fault.New(fault.Unavailable, "The disk is full; nothing was changed. Make room and try again.").Because(err)
	}
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("keep an upload: %w", err), file.Close(), os.Remove(file.Name()))
	}
	return file, size, nil
}

// uploadName is how files are named that wait for their import.
const uploadName = "import-*"

// sweep removes what a server that was killed has left in the folder.
func (i *imports) sweep() error {
	left, err := filepath.Glob(filepath.Join(i.UploadDir, uploadName))
	for _, name := range left {
		err = errors.Join(err, os.Remove(name))
	}
	if err != nil {
		return fmt.Errorf("remove uploads that were left: %w", err)
	}
	return nil
}

func (i *imports) remember(job *Import) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.order) >= maxImports {
		if i.byID[i.order[0]].State == importRunning {
			return fault.New(fault.TooMany, "Too many imports wait already. Try again when one is done.")
		}
		delete(i.byID, i.order[0])
		i.order = i.order[1:]
	}
	i.byID[job.ID] = job
	i.order = append(i.order, job.ID)
	return nil
}

func (i *imports) change(f func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	f()
}

func (i *imports) get(id, owner string) (Import, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	job := i.byID[id]
	if job == nil || job.owner != owner {
		return Import{}, fault.New(fault.NotFound, "There is no such import, or it was too long ago.")
	}
	return *job, nil
}
