package web

import (
	"context"
	"net/http"

	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

func (s *Server) upgradeRoutes() {
	route(s, "list-import-reports", http.MethodGet, "/import-reports", "What was found in each file that was imported, latest first",
		func(ctx context.Context, _ *struct{}) (*body[[]taxonomy.Report], error) {
			return answer(s.Taxonomy.Reports(ctx))
		})
	route(s, "get-import-report", http.MethodGet, "/domains/{domain}/collections/{collection}/report", "What was found in the file that made a state of a domain",
		func(ctx context.Context, in *struct {
			InDomain
			Collection int64 `path:"collection"`
		}) (*body[taxonomy.Report], error) {
			return answer(s.Taxonomy.ReportOf(ctx, in.Domain, in.Collection))
		})
	s.proposalUpgradeRoutes("/workshops/{workshop}")
}

func (s *Server) proposalUpgradeRoutes(path string) {
	route(s, "get-proposal-upgrade", http.MethodGet, path+"/proposals/{proposal}/upgrade", "What becomes of a proposal that takes over what moved under it",
		func(ctx context.Context, in *InProposal) (*body[review.Upgrade], error) {
			return answer(s.Proposals.Upgrade(ctx, actorOf(ctx), in.Proposal))
		})
	route(s, "upgrade-proposal", http.MethodPost, path+"/proposals/{proposal}/upgrade", "Take over what moved into my proposal",
		func(ctx context.Context, in *struct {
			InProposal
			Body review.TakeOver
		}) (*body[review.Proposal], error) {
			return answer(s.Proposals.TakeOver(ctx, actorOf(ctx), in.Proposal, in.Body))
		})
	route(s, "upgrade-proposals", http.MethodPost, path+"/upgrade", "Take over what moved into proposals that merge cleanly, all or none",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body review.Bulk
		}) (*body[[]review.Proposal], error) {
			return answer(s.Proposals.TakeOverAll(ctx, actorOf(ctx), in.Body))
		})
	route(s, "get-upgrade", http.MethodGet, path+"/upgrade", "What an upgrade of ATT&CK means to a workshop, beside its open proposals",
		func(ctx context.Context, in *InWorkshop) (*body[UpgradePage], error) {
			return answer(s.upgradePage(ctx, in.Workshop))
		})
	route(s, "map-tactics", http.MethodPost, path+"/upgrade/tactics", "Map tactics that vanished, in all or nothing",
		func(ctx context.Context, in *struct {
			InWorkshop
			Body review.Map
		}) (*body[review.Mapped], error) {
			w, err := s.Workshops.Get(ctx, in.Workshop)
			if err != nil {
				return nil, err
			}
			return answer(s.Proposals.MapTactics(ctx, actorOf(ctx), w.Domain, in.Body))
		})
}

// UpgradePage is what an upgrade of ATT&CK means to a workshop; how its
// proposals stand is part of each.
type UpgradePage struct {
	Domain  string           `json:"domain"`
	Version string           `json:"version" doc:"of ATT&CK that the domain stands on"`
	Tactics []taxonomy.Term  `json:"tactics" doc:"those that exist"`
	Clashes []taxonomy.Clash `json:"clashes" doc:"ATT&CK ids that releases here gave and that ATT&CK uses by now"`
	Strays  []taxonomy.Stray `json:"strays" doc:"techniques that name a tactic which is gone, most of them of releases here"`
	Kept    *taxonomy.Kept   `json:"kept,omitempty" doc:"what became of what releases had made, when the domain was last upgraded"`
	Drafts  map[string]int   `json:"drafts" doc:"how many drafts that only their authors see name a tactic that vanished; the empty name: have another reason to be looked at"`
}

func (s *Server) upgradePage(ctx context.Context, workshop string) (p UpgradePage, err error) {
	w, err := s.Workshops.Get(ctx, workshop)
	if err != nil {
		return p, err
	}
	now := s.Taxonomy.Snapshot()
	p = UpgradePage{Domain: w.Domain, Tactics: now.Vocabulary(w.Domain).Tactics, Clashes: now.Clashes(w.Domain), Strays: now.Strays(w.Domain)}
	if c, ok := now.Conventions(w.Domain); ok {
		p.Version = c.Current.UpstreamVersion
		if p.Kept, err = s.Taxonomy.KeptIn(ctx, c.Current); err != nil {
			return p, err
		}
	}
	if p.Tactics == nil {
		p.Tactics = []taxonomy.Term{}
	}
	p.Drafts, err = s.Proposals.AffectedDrafts(ctx, actorOf(ctx))
	return p, err
}
