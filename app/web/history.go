package web

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// AsOf asks for the state of an earlier, or another, collection.
type AsOf struct {
	At int64 `query:"at" minimum:"0" doc:"number of a collection, whose domain alone is read; 0 or left out: the present"`
}

// snapshot gives what is read as of a collection; 0 is the present.
func (s *Server) snapshot(ctx context.Context, at int64) (*taxonomy.Snapshot, error) {
	return s.Taxonomy.At(ctx, at)
}

func (s *Server) historyRoutes() {
	route(s, "list-collections", http.MethodGet, "/domains/{domain}/collections", "The states of a domain that are here, the newest first",
		func(ctx context.Context, in *InDomain) (*body[[]taxonomy.Listed], error) {
			list, err := s.Taxonomy.Collections(ctx, in.Domain)
			if err == nil && len(list) == 0 {
				err = notLoaded(in.Domain)
			}
			return answer(list, err)
		})
	route(s, "get-collection", http.MethodGet, "/collections/{collection}", "What is known of a state of a domain by its number",
		func(ctx context.Context, in *struct {
			Collection int64 `path:"collection" minimum:"1" doc:"its number"`
		}) (*body[taxonomy.NamedCollection], error) {
			c, err := s.Taxonomy.Collection(ctx, in.Collection)
			return answer(c.Named(), err)
		})
	route(s, "get-domain-bundle", http.MethodGet, "/domains/{domain}/bundle", "A domain as a STIX bundle", s.bundle)
	route(s, "get-bundle", http.MethodGet, "/bundle", "All domains as one STIX bundle, each id once", s.whole)
	route(s, "compare", http.MethodGet, "/compare", "What differs between two collections of a domain",
		func(ctx context.Context, in *twoCollections) (*body[*taxonomy.Comparison], error) {
			return answer(s.Taxonomy.Compare(ctx, in.From, in.To))
		})
	route(s, "get-comparison-notes", http.MethodGet, "/compare/notes", "What differs between two collections of a domain, as Markdown",
		func(ctx context.Context, in *twoCollections) (*huma.StreamResponse, error) {
			c, err := s.Taxonomy.Compare(ctx, in.From, in.To)
			if err != nil {
				return nil, err
			}
			name := fmt.Sprintf("%s-%s-to-%s.md", c.To.Domain, c.From.Version, c.To.Version)
			return s.download(ctx, "", file{name, "text/markdown; charset=utf-8", "", func(_ context.Context, w io.Writer) error { return c.WriteMarkdown(w) }})
		})
	route(s, "list-versions", http.MethodGet, "/objects/{id}/versions", "All versions of an object, and the collections that each is in",
		func(ctx context.Context, in *struct {
			ID string `path:"id" maxLength:"300" doc:"STIX id or ATT&CK id"`
		}) (*body[taxonomy.Versions], error) {
			return answer(s.Taxonomy.Versions(ctx, in.ID))
		})
	route(s, "get-differences", http.MethodGet, "/objects/{id}/differences", "The properties in which two versions of an object differ",
		func(ctx context.Context, in *struct {
			ID   string `path:"id" maxLength:"300" doc:"STIX id"`
			From int64  `query:"from" minimum:"0" doc:"number of a version; 0 or left out: before there was any"`
			To   int64  `query:"to" minimum:"0" doc:"number of a version; 0 or left out: after it was gone"`
		}) (*body[[]attack.Difference], error) {
			return answer(s.Taxonomy.Differences(ctx, in.ID, in.From, in.To))
		})
}

// twoCollections asks what differs between two collections of one domain.
type twoCollections struct {
	From int64 `query:"from" required:"true" minimum:"1" doc:"number of a collection"`
	To   int64 `query:"to" required:"true" minimum:"1" doc:"number of another collection of the same domain"`
}

// InDialect asks for a dialect of STIX.
type InDialect struct {
	Spec        string `query:"spec" enum:"2.0,2.1" doc:"dialect of STIX; left out: that in which it came in"`
	IfNoneMatch string `header:"If-None-Match"`
}

func (s *Server) bundle(ctx context.Context, in *struct {
	InDomain
	AsOf
	InDialect
}) (*huma.StreamResponse, error) {
	c, err := s.collection(ctx, in.Domain, in.At)
	if err != nil {
		return nil, err
	}
	return s.download(ctx, in.IfNoneMatch, file{fmt.Sprintf("%s-%s%s.json", in.Domain, c.Version, suffix(in.Spec)), typeIn(cmp.Or(in.Spec, c.SpecVersion)), tagIn(collectionTag(c), in.Spec),
		func(ctx context.Context, w io.Writer) error { return s.Taxonomy.Export(ctx, c, in.Spec, w) }})
}

// collection finds a collection of a domain; at 0 is the current one.
func (s *Server) collection(ctx context.Context, domain string, at int64) (taxonomy.Collection, error) {
	if at == 0 {
		style, ok := s.Taxonomy.Snapshot().Conventions(domain)
		if !ok {
			return taxonomy.Collection{}, notLoaded(domain)
		}
		return style.Current, nil
	}
	c, err := s.Taxonomy.Collection(ctx, at)
	if err == nil && c.Domain != domain {
		err = fault.New(fault.NotFound, "Collection %d is of %s. Choose one from the list of collections of %.100q.", at, c.Domain, domain)
	}
	return c, err
}

func (s *Server) whole(ctx context.Context, in *InDialect) (*huma.StreamResponse, error) {
	snapshot := s.Taxonomy.Snapshot()
	if len(snapshot.Domains()) == 0 {
		return nil, fault.New(fault.NotFound, "No domain is loaded. A maintainer can import one.")
	}
	whole := snapshot.Whole(in.Spec)
	return s.download(ctx, in.IfNoneMatch, file{fmt.Sprintf("attack%s.json", suffix(in.Spec)), typeIn(whole.Dialect), fmt.Sprintf("%q", whole.Tag()),
		func(ctx context.Context, w io.Writer) error { return s.Taxonomy.ExportWhole(ctx, whole, w) }})
}

// suffix tells files of a dialect that somebody asked for from others.
func suffix(dialect string) string {
	if dialect == taxonomy.AsItCameIn {
		return ""
	}
	return "-stix-" + dialect
}

// tagIn stands for all bytes of a collection in a dialect.
func tagIn(tag, dialect string) string { return strings.TrimSuffix(tag, `"`) + dialect + `"` }

// typeIn is the media type of a bundle in a dialect.
func typeIn(dialect string) string {
	if dialect == attack.STIX20 {
		return "application/vnd.oasis.stix+json; version=2.0"
	}
	return typeSTIX
}
