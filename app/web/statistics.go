package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// MatrixFilter is how a link narrows a matrix; the page's address has the same
// words.
type MatrixFilter struct {
	AsOf
	Matrix      string `query:"matrix" maxLength:"300" doc:"STIX id of one of the domain's matrices"`
	Tactic      string `query:"tactic" maxLength:"200" doc:"short name; -: techniques without a tactic"`
	Platform    string `query:"platform" maxLength:"200"`
	User        string `query:"user" maxLength:"300" doc:"STIX id or ATT&CK id of what uses a technique"`
	Examples    string `query:"examples" enum:"with,without"`
	Mitigations string `query:"mitigations" enum:"with,without"`
	Detection   string `query:"detection" enum:"with,without"`
	Release     int64  `query:"release" minimum:"0" doc:"number of the collection that added or changed a technique"`
	Change      string `query:"change" enum:"added,changed,versioned" doc:"with release: what it did to a technique"`
	Text        string `query:"q" maxLength:"200" doc:"text within id and name"`
	Unfold      bool   `query:"unfold" doc:"sub-techniques are drawn, too"`
}

func (s *Server) statisticsRoutes() {
	route(s, "get-matrix-marks", http.MethodGet, "/domains/{domain}/matrix/marks", "The techniques that have something in common; ask for one of it", s.marks)
	route(s, "get-matrix-picture", http.MethodGet, "/domains/{domain}/matrix.svg", "A domain's matrix as a picture",
		func(ctx context.Context, in *struct {
			InDomain
			MatrixFilter
		}) (*huma.StreamResponse, error) {
			return s.picture(ctx, in.Domain, in.MatrixFilter, nil, "")
		})
	route(s, "get-workshop-matrix-picture", http.MethodGet, "/workshops/{workshop}/matrix.svg", "The matrix of a workshop's domain with its proposals, as a picture",
		func(ctx context.Context, in *struct {
			InWorkshop
			MatrixFilter
			Proposals string `query:"proposals" enum:"with,without" doc:"techniques that proposals touch"`
		}) (*huma.StreamResponse, error) {
			w, err := s.Workshops.Get(ctx, in.Workshop)
			if err != nil {
				return nil, err
			}
			heat, err := s.heat(ctx)
			if err != nil {
				return nil, err
			}
			return s.picture(ctx, w.Domain, in.MatrixFilter, heat, taxonomy.Choice(in.Proposals))
		})
	route(s, "get-statistics", http.MethodGet, "/domains/{domain}/statistics", "What a domain holds and where work is needed",
		func(ctx context.Context, in *DomainAsOf) (*body[taxonomy.Statistics], error) {
			return answer(s.statistics(ctx, in))
		})
	route(s, "get-statistics-table", http.MethodGet, "/domains/{domain}/statistics.csv", "What each technique has and lacks, for spreadsheets",
		func(ctx context.Context, in *DomainAsOf) (*huma.StreamResponse, error) {
			st, err := s.statistics(ctx, in)
			if err != nil {
				return nil, err
			}
			return s.download(ctx, "", file{fmt.Sprintf("%s-%s-techniques.csv", in.Domain, st.Version), "text/csv; charset=utf-8", "",
				func(_ context.Context, w io.Writer) error { return st.WriteCSV(w) }})
		})
	route(s, "list-steps", http.MethodGet, "/domains/{domain}/steps", "What each collection of a domain added, changed and left out, the oldest first",
		func(ctx context.Context, in *InDomain) (*body[[]taxonomy.Step], error) {
			steps, err := s.Taxonomy.Steps(ctx, in.Domain)
			if err == nil && len(steps) == 0 {
				err = notLoaded(in.Domain)
			}
			return answer(steps, err)
		})
	route(s, "list-objects", http.MethodGet, "/domains/{domain}/objects", "The objects of a domain, or those that a collection changed", s.objects)
}

// DomainAsOf names a domain as a collection has it.
type DomainAsOf struct {
	InDomain
	AsOf
}

func (s *Server) statistics(ctx context.Context, in *DomainAsOf) (st taxonomy.Statistics, err error) {
	snapshot, err := s.snapshot(ctx, in.At)
	if err != nil {
		return st, err
	}
	st, ok := snapshot.Statistics(in.Domain)
	if !ok {
		return st, notLoaded(in.Domain)
	}
	return st, nil
}

func (s *Server) marks(ctx context.Context, in *struct {
	DomainAsOf
	User    string          `query:"user" maxLength:"300" doc:"STIX id or ATT&CK id of what uses them"`
	Has     taxonomy.Having `query:"has" enum:"examples,mitigations,detection" doc:"what they have"`
	Release int64           `query:"release" minimum:"0" doc:"number of the collection that added or changed them"`
	Change  taxonomy.Change `query:"change" enum:"added,changed,versioned" doc:"with release: what it did to them; versioned: x_mitre_version is another"`
}) (*body[taxonomy.Marks], error) {
	snapshot, err := s.snapshot(ctx, in.At)
	if err != nil {
		return nil, err
	}
	if _, ok := snapshot.Matrix(in.Domain); !ok {
		return nil, notLoaded(in.Domain)
	}
	switch {
	case in.User != "":
		return answer(usedBy(snapshot, in.Domain, in.User))
	case in.Release != 0:
		return answer(s.changedIn(ctx, snapshot, in.Domain, in.Release, in.Change))
	case in.Has != "":
		m, _ := snapshot.With(in.Domain, in.Has)
		return answer(m, nil)
	}
	return nil, fault.New(fault.Invalid, "Say what they have in common: user, has or release.")
}

func usedBy(snapshot *taxonomy.Snapshot, domain, user string) (taxonomy.Marks, error) {
	m, ok := snapshot.UsedBy(domain, user)
	if !ok {
		return m, fault.New(fault.NotFound, "There is no object %.100q in this domain that could use techniques. Choose another.", user)
	}
	return m, nil
}

func (s *Server) changedIn(ctx context.Context, snapshot *taxonomy.Snapshot, domain string, release int64, change taxonomy.Change) (taxonomy.Marks, error) {
	m, ok, err := s.Taxonomy.ChangedIn(ctx, snapshot, domain, release, change)
	if err == nil && !ok {
		err = noCollection(domain, release)
	}
	return m, err
}

func noCollection(domain string, id int64) error {
	return fault.New(fault.NotFound, "The domain %.100q has no collection %d. Choose one from the list of its collections.", domain, id)
}

// heat counts the proposals of the actor's workshop that touch each
// technique.
func (s *Server) heat(ctx context.Context) (map[string]int, error) {
	list, err := s.Proposals.List(ctx, actorOf(ctx), review.Filter{})
	heat := map[string]int{}
	for _, p := range list {
		if !slices.Contains(review.Counted(), p.State) {
			continue
		}
		for _, id := range slices.Compact(slices.Sorted(slices.Values(p.Techniques))) {
			heat[id]++
		}
	}
	return heat, err
}

// picture draws what a filter leaves of a domain's matrix. heat is of a
// workshop; nil: none.
func (s *Server) picture(ctx context.Context, domain string, in MatrixFilter, heat map[string]int, proposals taxonomy.Choice) (*huma.StreamResponse, error) {
	snapshot, err := s.snapshot(ctx, in.At)
	if err != nil {
		return nil, err
	}
	if _, ok := snapshot.Matrix(domain); !ok {
		return nil, notLoaded(domain)
	}
	f, about, err := s.filter(ctx, snapshot, domain, in)
	if err != nil {
		return nil, err
	}
	if proposals != "" {
		m, _ := snapshot.Marked(domain, string(proposals)+" proposals", func(id string) bool { return heat[id] > 0 == (proposals == taxonomy.With) })
		f.Within, about = append(f.Within, m), append(about, m.Label)
	}
	m, fits, _ := snapshot.Filtered(domain, f)
	p := taxonomy.Picture{Matrix: m, Fits: fits, Heat: heat, Unfold: in.Unfold, About: strings.Join(about, " · ")}
	return s.download(ctx, "", file{fmt.Sprintf("%s-%s-matrix.svg", domain, m.Version), "image/svg+xml", "",
		func(_ context.Context, w io.Writer) error { return p.WriteSVG(w) }})
}

// filter reads the filter of a link, and says it for people.
func (s *Server) filter(ctx context.Context, snapshot *taxonomy.Snapshot, domain string, in MatrixFilter) (f taxonomy.Filter, about []string, err error) {
	f = taxonomy.Filter{Matrix: in.Matrix, Tactic: in.Tactic, Platform: in.Platform, Text: in.Text}
	if in.Platform != "" {
		about = append(about, "on "+in.Platform)
	}
	if in.Text != "" {
		about = append(about, "text: "+in.Text)
	}
	for _, one := range []struct {
		having taxonomy.Having
		choice string
	}{{taxonomy.HasExamples, in.Examples}, {taxonomy.HasMitigations, in.Mitigations}, {taxonomy.HasDetection, in.Detection}} {
		if one.choice != "" {
			f.Have = append(f.Have, taxonomy.Wanted{Having: one.having, Choice: taxonomy.Choice(one.choice)})
			about = append(about, one.choice+" "+string(one.having))
		}
	}
	if in.User != "" {
		m, err := usedBy(snapshot, domain, in.User)
		if err != nil {
			return f, nil, err
		}
		f.Within, about = append(f.Within, m), append(about, "used by "+m.Label)
	}
	if in.Release != 0 {
		m, err := s.changedIn(ctx, snapshot, domain, in.Release, taxonomy.Change(in.Change))
		if err != nil {
			return f, nil, err
		}
		f.Within, about = append(f.Within, m), append(about, m.Label)
	}
	return f, about, nil
}

func (s *Server) objects(ctx context.Context, in *struct {
	DomainAsOf
	Type    string          `query:"type" maxLength:"250"`
	State   taxonomy.State  `query:"state" enum:"live,revoked,deprecated"`
	Text    string          `query:"q" maxLength:"200" doc:"text within id and name"`
	Release int64           `query:"release" minimum:"0" doc:"number of the collection whose changes are meant"`
	Change  taxonomy.Change `query:"change" enum:"added,changed,removed" doc:"with release"`
	Offset  int             `query:"offset" minimum:"0"`
	Limit   int             `query:"limit" minimum:"1" maximum:"500" default:"100"`
}) (*body[taxonomy.ObjectList], error) {
	what := taxonomy.Listing{Type: in.Type, State: in.State, Text: in.Text, Offset: in.Offset, Limit: in.Limit}
	if in.Release != 0 {
		list, ok, err := s.Taxonomy.ListChanges(ctx, in.Domain, in.Release, in.Change, what)
		if err == nil && !ok {
			err = noCollection(in.Domain, in.Release)
		}
		return answer(list, err)
	}
	snapshot, err := s.snapshot(ctx, in.At)
	if err != nil {
		return nil, err
	}
	list, ok := snapshot.List(in.Domain, what)
	if !ok {
		return nil, notLoaded(in.Domain)
	}
	return answer(list, nil)
}
