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
}
