package web

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/atelier-attack/atelier/review/release"
)

// typeSTIX is the media type of bundles.
const typeSTIX = "application/stix+json;version=2.1"

// ReleasePreview is all that the page of a release starts from, as of an event's
// number.
type ReleasePreview struct {
	Seq int64 `json:"seq"`
	release.Preview
}

// InRelease names the release that an operation is about.
type InRelease struct {
	InWorkshop
	Release string `path:"release" maxLength:"100"`
}

func (s *Server) releaseRoutes() {
	const path = "/workshops/{workshop}/releases"
	route(s, "list-releases", http.MethodGet, path, "The releases of a workshop",
		func(ctx context.Context, in *InWorkshop) (*body[[]release.Release], error) {
			return answer(s.Releases.List(ctx, in.Workshop))
		})
	route(s, "open-release", http.MethodPost, path, "Open a release with all accepted proposals that are on none",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body release.NewRelease
		}) (*body[release.Release], error) {
			return answer(s.Releases.Open(ctx, actorOf(ctx), in.Body))
		})
	route(s, "get-release", http.MethodGet, path+"/{release}", "A release, and what becomes or became of its proposals",
		func(ctx context.Context, in *InRelease) (*body[ReleasePreview], error) {
			return answer(s.releasePreview(ctx, in.Workshop, in.Release))
		})
	route(s, "change-release", http.MethodPatch, path+"/{release}", "Change an open release, and solve its conflicts",
		func(ctx context.Context, in *struct {
			InRelease
			Body release.ReleaseUpdate
		}) (*body[release.Release], error) {
			return answer(s.Releases.Change(ctx, actorOf(ctx), in.Release, in.Body))
		})
	route(s, "agree-to-resolution", http.MethodPost, path+"/{release}/agree", "Say whether words of my proposal may give way",
		func(ctx context.Context, in *struct {
			InRelease
			Body release.Agreement
		}) (*body[release.Release], error) {
			return answer(s.Releases.Agree(ctx, actorOf(ctx), in.Release, in.Body))
		})
	route(s, "publish-release", http.MethodPost, path+"/{release}/publish", "Publish a release, for good",
		func(ctx context.Context, in *struct {
			InRelease
			Body struct {
				Revision int64 `json:"revision" doc:"the revision that was seen"`
			}
		}) (*body[release.Release], error) {
			return answer(s.Releases.Publish(ctx, actorOf(ctx), in.Release, in.Body.Revision))
		})
	s.downloadRoutes(path + "/{release}")
}

// wanted asks for a file of a release, unless it is the one that the client has.
type wanted struct {
	InRelease
	IfNoneMatch string `header:"If-None-Match"`
}

func (s *Server) downloadRoutes(path string) {
	route(s, "get-release-bundle", http.MethodGet, path+"/bundle", "The whole domain as released, as a STIX bundle",
		func(ctx context.Context, in *wanted) (*huma.StreamResponse, error) {
			return s.releaseFile(ctx, in, "", s.Releases.Bundle)
		})
	route(s, "get-release-delta", http.MethodGet, path+"/delta", "What a release added or changed, as a STIX bundle",
		func(ctx context.Context, in *wanted) (*huma.StreamResponse, error) {
			return s.releaseFile(ctx, in, "-delta", s.Releases.Delta)
		})
	route(s, "get-release-changelog", http.MethodGet, path+"/changelog", "What a release changed",
		func(ctx context.Context, in *InRelease) (*body[release.Changelog], error) {
			return answer(s.Releases.Changelog(ctx, in.Workshop, in.Release))
		})
	route(s, "get-release-notes", http.MethodGet, path+"/changelog.md", "What a release changed, as Markdown", s.releaseNotes)
}

// releasePreview reads the number first, as a room does.
func (s *Server) releasePreview(ctx context.Context, workshop, id string) (page ReleasePreview, err error) {
	if page.Seq, err = s.Journal.Head(ctx, workshop); err != nil {
		return page, err
	}
	page.Preview, err = s.Releases.Preview(ctx, workshop, id)
	return page, err
}

// releaseFile streams a bundle of a published release.
func (s *Server) releaseFile(ctx context.Context, in *wanted, part string,
	write func(ctx context.Context, workshop, id string, w io.Writer) error,
) (*huma.StreamResponse, error) {
	r, err := s.Releases.Published(ctx, in.Workshop, in.Release)
	if err != nil {
		return nil, err
	}
	return s.download(ctx, in.IfNoneMatch, file{fileName(r, part, "json"), typeSTIX, fmt.Sprintf("%q", r.ID+part),
		func(ctx context.Context, w io.Writer) error { return write(ctx, in.Workshop, in.Release, w) }})
}

func fileName(r release.Release, part, extension string) string {
	return fmt.Sprintf("%s-%s-release-%d%s.%s", r.Domain, r.Version, r.Number, part, extension)
}

// releaseNotes has no tag: a later Atelier may put the same into other words.
func (s *Server) releaseNotes(ctx context.Context, in *InRelease) (*huma.StreamResponse, error) {
	r, err := s.Releases.Published(ctx, in.Workshop, in.Release)
	if err != nil {
		return nil, err
	}
	log, err := s.Releases.Changelog(ctx, in.Workshop, in.Release)
	if err != nil {
		return nil, err
	}
	return s.download(ctx, "", file{fileName(r, "-changelog", "md"), "text/markdown; charset=utf-8", "",
		func(_ context.Context, w io.Writer) error { return log.WriteMarkdown(w, r) }})
}
