package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/atelier-attack/atelier/app/people"
	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review"
)

// resource is what an operation is about, and so how its workshop is found.
type resource string

const (
	everyone   resource = "everyone"  // also who is not signed in
	account    resource = "account"   // who is signed in
	hosting    resource = "hosting"   // who may make workshops
	importing  resource = "importing" // maintainers of any workshop, and administrators
	ofWorkshop resource = "workshop"  // members of {workshop}
)

// rule is one row of the table of access: what an operation is about, what it
// does, and the roles in the workshop that may.
type rule struct {
	operation string
	resource  resource
	action    string
	roles     []review.Role
}

// accessTable is the only place that decides who may do what. Every operation
// has a row; New refuses to start otherwise.
func accessTable() map[string]rule {
	members := workshop.AllRoles()
	facilitators := []review.Role{review.Facilitator}
	table := []rule{
		{"get-me", everyone, "read", nil},
		{"sign-in", everyone, "sign in", nil},
		{"sign-out", everyone, "sign out", nil},
		{"change-me", account, "change", nil},
		{"list-waiting", account, "read", nil},
		{"mark-waiting", account, "read", nil},
		{"get-notice-settings", account, "read", nil},
		{"set-notice-choices", account, "say what I am told", nil},
		{"set-mail-address", account, "say what I am told", nil},
		{"set-digest", account, "say what I am told", nil},
		{"add-push", account, "say what I am told", nil},
		{"remove-push", account, "say what I am told", nil},
		{"confirm-mail", everyone, "follow the link of a mail", nil},
		{"stop-mail", everyone, "follow the link of a mail", nil},
		{"get-invited", everyone, "read", nil},
		{"join", everyone, "join", nil},

		{"list-workshops", account, "list", nil},
		{"create-workshop", hosting, "create", nil},
		{"get-workshop", ofWorkshop, "read", members},
		{"change-workshop", ofWorkshop, "change", facilitators},
		{"get-invitation", ofWorkshop, "read invitation", facilitators},
		{"renew-invitation", ofWorkshop, "renew invitation", facilitators},
		{"change-member", ofWorkshop, "change roles", facilitators},
		{"remove-member", ofWorkshop, "remove people", facilitators},
		{"get-directory", ofWorkshop, "read", members},
		{"get-card", ofWorkshop, "read", members},
		{"set-card", ofWorkshop, "say who I am", members},
		{"set-contact-wish", ofWorkshop, "exchange contacts", members},
		{"get-contacts", ofWorkshop, "read", members},
		{"get-workshop-matrix-picture", ofWorkshop, "read", members},
		{"get-presence", ofWorkshop, "read", members},
		{"set-presence", ofWorkshop, "say how I am seen", members},
		{"list-events", ofWorkshop, "read", members},
		{"list-messages", ofWorkshop, "read", members},
		{"get-message", ofWorkshop, "read", members},
		{"list-object-messages", ofWorkshop, "read", members},
		{"post-object-message", ofWorkshop, "discuss", review.Proposers()},
		{"list-agenda-messages", ofWorkshop, "read", members},
		{"post-agenda-message", ofWorkshop, "discuss", review.Proposers()},
		{"search-messages", ofWorkshop, "read", members},
		{"look-at-text", ofWorkshop, "discuss", review.Proposers()},
		{"post-message", ofWorkshop, "discuss", review.Proposers()},
		{"edit-message", ofWorkshop, "edit my message", review.Proposers()},
		{"delete-message", ofWorkshop, "delete my message", review.Proposers()},
		{"react", ofWorkshop, "react", review.Proposers()},
		{"list-unread", ofWorkshop, "read", members},
		{"mark-threads-read", ofWorkshop, "read", members},
		{"list-older-texts", ofWorkshop, "read", members},

		{"get-poll", ofWorkshop, "read", members},
		{"make-poll", ofWorkshop, "run the room", facilitators},
		{"open-poll", ofWorkshop, "run the room", facilitators},
		{"close-poll", ofWorkshop, "run the room", facilitators},
		{"vote", ofWorkshop, "vote", review.Proposers()},
		{"cast-vote", ofWorkshop, "vote", review.Proposers()},

		{"set-spotlight", ofWorkshop, "run the room", facilitators},
		{"start-item", ofWorkshop, "run the room", facilitators},
		{"extend-item", ofWorkshop, "run the room", facilitators},
		{"give-word", ofWorkshop, "run the room", facilitators},
		{"settle-parked", ofWorkshop, "run the room", facilitators},
		{"start-reading", ofWorkshop, "run the room", facilitators},
		{"end-reading", ofWorkshop, "run the room", facilitators},
		{"start-writing", ofWorkshop, "run the room", facilitators},
		{"show-notes", ofWorkshop, "run the room", facilitators},
		{"end-writing", ofWorkshop, "run the room", facilitators},
		{"make-groups", ofWorkshop, "run the room", facilitators},
		{"end-groups", ofWorkshop, "run the room", facilitators},
		{"move-to-group", ofWorkshop, "run the room", facilitators},
		{"set-rules", ofWorkshop, "moderate", facilitators},
		{"hide-message", ofWorkshop, "moderate", facilitators},
		{"get-summary", ofWorkshop, "read", members},
		{"get-summary-notes", ofWorkshop, "read", members},
		{"list-moderation", ofWorkshop, "read", members},
		{"raise-hand", ofWorkshop, "speak", review.Proposers()},
		{"park", ofWorkshop, "discuss", review.Proposers()},
		{"mark-read", ofWorkshop, "read in quiet", review.Proposers()},
		{"write-note", ofWorkshop, "discuss", review.Proposers()},
		{"join-group", ofWorkshop, "choose a group", review.Proposers()},
		{"set-group-proposals", ofWorkshop, "work in a group", review.Proposers()},
		{"post-group-message", ofWorkshop, "discuss", review.Proposers()},
		{"list-group-messages", ofWorkshop, "read", members},

		{"list-proposals", ofWorkshop, "read", members},
		{"list-drafts", ofWorkshop, "read", members},
		{"get-queue", ofWorkshop, "read", members},
		{"get-proposal", ofWorkshop, "read", members},
		{"get-revision", ofWorkshop, "read", members},
		{"get-revision-parts", ofWorkshop, "read", members},
		{"list-proposal-messages", ofWorkshop, "read", members},
		{"post-proposal-message", ofWorkshop, "discuss", review.Proposers()},
		{"start-proposal", ofWorkshop, "propose", review.Proposers()},
		{"list-templates", ofWorkshop, "read", members},
		{"make-template", ofWorkshop, "keep templates", facilitators},
		{"change-template", ofWorkshop, "keep templates", facilitators},
		{"delete-template", ofWorkshop, "keep templates", facilitators},
		{"read-sheet", ofWorkshop, "propose", review.Proposers()},
		{"try-sheet", ofWorkshop, "propose", review.Proposers()},
		{"make-sheet", ofWorkshop, "propose", review.Proposers()},
		{"start-letter", ofWorkshop, "propose", review.Proposers()},
		{"try-bundle", ofWorkshop, "propose", review.Proposers()},
		{"make-bundle", ofWorkshop, "propose", review.Proposers()},
		{"get-sheet-template", ofWorkshop, "propose", review.Proposers()},
		{"get-draft", ofWorkshop, "edit", review.RolesFor(review.ActionEdit)},
		{"get-draft-parts", ofWorkshop, "edit", review.RolesFor(review.ActionEdit)},
		{"look-at-draft", ofWorkshop, "edit", review.RolesFor(review.ActionEdit)},
		{"save-draft", ofWorkshop, "edit", review.RolesFor(review.ActionEdit)},
		{"submit-proposal", ofWorkshop, "submit", review.RolesFor(review.ActionSubmit)},
		{"withdraw-proposal", ofWorkshop, "withdraw", review.RolesFor(review.ActionWithdraw)},
		{"explain-proposal", ofWorkshop, "explain", review.Proposers()},
		{"start-review", ofWorkshop, "review", review.RolesFor(review.ActionStartReview)},
		{"approve-proposal", ofWorkshop, "review", review.RolesFor(review.ActionApprove)},
		{"request-changes", ofWorkshop, "review", review.RolesFor(review.ActionRequestChanges)},
		{"reject-proposal", ofWorkshop, "review", review.RolesFor(review.ActionReject)},

		{"get-proposal-upgrade", ofWorkshop, "read", members},
		{"upgrade-proposal", ofWorkshop, "edit", review.Proposers()},
		{"upgrade-proposals", ofWorkshop, "upgrade", review.Upgraders()},
		{"get-upgrade", ofWorkshop, "read", members},
		{"map-tactics", ofWorkshop, "map tactics", review.Mappers()},

		{"get-naming", account, "read", nil},
		{"set-naming", account, "say how I am named", nil},
		{"name-me", ofWorkshop, "say how I am named", review.RolesFor(review.ActionName)},
		{"set-thanks", ofWorkshop, "thank", review.RolesFor(review.ActionThank)},
		{"suggest-text", ofWorkshop, "suggest", review.RolesFor(review.ActionSuggest)},
		{"take-suggestion", ofWorkshop, "answer suggestions", review.RolesFor(review.ActionTake)},
		{"decline-suggestion", ofWorkshop, "answer suggestions", review.RolesFor(review.ActionDecline)},
		{"drop-suggestion", ofWorkshop, "take a suggestion back", review.RolesFor(review.ActionDrop)},
		{"undo-suggestion", ofWorkshop, "answer suggestions", review.RolesFor(review.ActionUndo)},

		{"resolve-thread", ofWorkshop, "resolve threads", review.RolesFor(review.ActionResolve)},
		{"reopen-thread", ofWorkshop, "reopen threads", review.RolesFor(review.ActionReopen)},
		{"block-thread", ofWorkshop, "mark threads as blocking", review.RolesFor(review.ActionBlock)},
		{"unblock-thread", ofWorkshop, "mark threads as blocking", review.RolesFor(review.ActionUnblock)},
		{"set-authors", ofWorkshop, "invite", review.RolesFor(review.ActionInvite)},
		{"open-texts", ofWorkshop, "edit", review.RolesFor(review.ActionEdit)},
		{"push-text", ofWorkshop, "edit", review.RolesFor(review.ActionEdit)},
		{"get-text", ofWorkshop, "edit", review.RolesFor(review.ActionEdit)},
		{"list-text-updates", ofWorkshop, "edit", review.RolesFor(review.ActionEdit)},

		{"list-releases", ofWorkshop, "read", members},
		{"open-release", ofWorkshop, "release", review.Releasers()},
		{"get-release", ofWorkshop, "read", members},
		{"change-release", ofWorkshop, "release", review.Releasers()},
		{"agree-to-resolution", ofWorkshop, "agree", review.RolesFor(review.ActionYield)},
		{"publish-release", ofWorkshop, "release", review.RolesFor(review.ActionRelease)},
		{"get-release-bundle", ofWorkshop, "read", members},
		{"get-release-delta", ofWorkshop, "read", members},
		{"get-release-changelog", ofWorkshop, "read", members},
		{"get-release-notes", ofWorkshop, "read", members},

		{"list-types", account, "read", nil},
		{"get-workflow", account, "read", nil},
		{"list-checks", account, "read", nil},
		{"list-domains", account, "read", nil},
		{"list-collections", account, "read", nil},
		{"get-collection", account, "read", nil},
		{"compare", account, "read", nil},
		{"get-comparison-notes", account, "read", nil},
		{"list-versions", account, "read", nil},
		{"get-differences", account, "read", nil},
		{"get-matrix", account, "read", nil},
		{"get-matrix-marks", account, "read", nil},
		{"get-matrix-picture", account, "read", nil},
		{"get-statistics", account, "read", nil},
		{"get-statistics-table", account, "read", nil},
		{"list-steps", account, "read", nil},
		{"list-objects", account, "read", nil},
		{"get-vocabulary", account, "read", nil},
		{"get-domain-bundle", account, "read", nil},
		{"get-bundle", account, "read", nil},
		{"get-object", account, "read", nil},
		{"list-object-types", account, "read", nil},
		{"get-object-stix", account, "read", nil},
		{"get-object-card", account, "read", nil},
		{"get-object-graph", account, "read", nil},
		{"get-object-file", account, "read", nil},
		{"search", account, "read", nil},
		{"similar", account, "read", nil},
		{"list-sources", account, "read", nil},
		{"get-reference", account, "read", nil},
		{"preview", account, "read", nil},
		{"start-import", importing, "import", review.Releasers()},
		{"get-import", importing, "read", review.Releasers()},
		{"list-import-reports", account, "read", nil},
		{"get-import-report", account, "read", nil},
	}
	byID := make(map[string]rule, len(table))
	for _, r := range table {
		byID[r.operation] = r
	}
	return byID
}

// keptOperations are the reads whose answer depends on nothing but the
// taxonomy's snapshot and the address: it is made once for each snapshot. With
// one of the named parameters it depends on more, and is made each time. All are
// of whoever is signed in, so that the answer is the same for everybody who gets
// one.
func keptOperations() map[string][]string {
	return map[string][]string{"list-types": nil, "get-workflow": nil, "list-domains": nil, "get-vocabulary": nil,
		"get-matrix": nil, "get-matrix-marks": {"release"}, "get-statistics": nil, "list-objects": {"release"},
		"get-object": nil, "get-object-stix": nil, "get-object-card": nil, "get-object-graph": nil, "list-object-types": nil, "compare": nil, "search": nil, "list-sources": nil}
}

// Workflow is what pages need to know of the tables of the server, so that they
// have none of their own.
type Workflow struct {
	Transitions []review.Transition      `json:"transitions"`
	Operations  map[string][]review.Role `json:"operations" doc:"the roles that may, for each operation on a workshop"`
	Roles       []review.Role            `json:"roles" enum:"observer,participant,reviewer,facilitator,maintainer" doc:"all roles, in their order"`
	Waiting     []review.State           `json:"waiting" enum:"draft,submitted,in_review,changes_requested,accepted,rejected,withdrawn,released" doc:"the states in which a proposal waits for somebody"`
	Signs       []discuss.Sign           `json:"signs" doc:"what people can give a message, as it is offered"`
	Counted     []review.State           `json:"counted" enum:"draft,submitted,in_review,changes_requested,accepted,rejected,withdrawn,released" doc:"the states in which a proposal counts in the matrix"`
}

func (s *Server) workflow() Workflow {
	operations := map[string][]review.Role{}
	for id, r := range s.access {
		if r.resource == ofWorkshop {
			operations[id] = r.roles
		}
	}
	return Workflow{review.Transitions(), operations, workshop.AllRoles(), review.Waiting(), discuss.Signs(), review.Counted()}
}

// repeatable says whether a repeat of a write is known by its key: where it is
// one transaction of somebody who is signed in, which keeps its answer.
func (r rule) repeatable() bool { return r.resource == ofWorkshop || r.resource == hosting }

type actorKey struct{}

// actorOf gives who acts, in operations on a workshop.
func actorOf(ctx context.Context) review.Actor {
	a, _ := ctx.Value(actorKey{}).(review.Actor)
	return a
}

// allow lets an operation run for who may do it, and tells it who that is.
func (s *Server) allow(c huma.Context, next func(huma.Context)) {
	actor, err := s.authorize(c.Context(), s.access[c.Operation().OperationID], c.Param)
	if err != nil {
		p := s.problem(c.Context(), err)
		c.SetHeader("Content-Type", p.ContentType(""))
		c.SetStatus(p.Status)
		if err := s.api.Marshal(c.BodyWriter(), "application/json", p); err != nil {
			s.Log.ErrorContext(c.Context(), "answer a refusal", "error", err)
		}
		return
	}
	next(huma.WithValue(c, actorKey{}, actor))
}

func (s *Server) authorize(ctx context.Context, r rule, param func(string) string) (review.Actor, error) {
	if r.resource == everyone {
		return review.Actor{}, nil
	}
	session, ok := sessionOf(ctx)
	if !ok {
		return review.Actor{}, fault.New(fault.Unauthenticated, "You are not signed in, or no longer. Join with a code or open your sign-in link.")
	}
	actor := review.Actor{User: session.User.ID}
	switch r.resource {
	case account:
		return actor, nil
	case hosting:
		if mayHost(session) {
			return actor, nil
		}
		return actor, fault.New(fault.Forbidden, "You may not make workshops. Ask the administrator of this installation.")
	case importing:
		list, err := s.Workshops.Memberships(ctx, session.User.ID)
		if err == nil && !mayImport(session, list, r.roles) {
			err = fault.New(fault.Forbidden, "Only maintainers and administrators import ATT&CK.")
		}
		return actor, err
	}
	actor.Workshop = param("workshop")
	var err error
	if actor.Roles, err = s.Workshops.Roles(ctx, actor.Workshop, actor.User); err != nil {
		return actor, err
	}
	if !actor.Has(r.roles...) {
		return actor, fault.New(fault.Forbidden, "Your role in this workshop does not allow this (%s). It takes %s.", r.action, review.AnyOf(r.roles))
	}
	return actor, nil
}

func mayHost(session people.Session) bool { return session.Host || session.Administrator }

// mayImport allows who has one of the roles in any workshop.
func mayImport(session people.Session, list []workshop.Membership, roles []review.Role) bool {
	return session.Administrator || slices.ContainsFunc(list, func(m workshop.Membership) bool {
		return review.Actor{Roles: m.Roles}.Has(roles...)
	})
}

// checkAccess holds the table and the operations together.
func (s *Server) checkAccess() error {
	var wrong []error
	seen := map[string]bool{}
	for path, item := range s.api.OpenAPI().Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			seen[op.OperationID] = true
			r, ok := s.access[op.OperationID]
			if _, kept := s.keeps[op.OperationID]; kept && (op.Method != http.MethodGet || r.resource != account) {
				wrong = append(wrong, fmt.Errorf("the answers of operation %s cannot be kept: they are not the same for everybody", op.OperationID))
			}
			if !ok {
				wrong = append(wrong, fmt.Errorf("operation %s (%s) has no row in the table of access", op.OperationID, path))
			}
			if op.Method != http.MethodGet && r.repeatable() {
				op.Parameters = append(op.Parameters, &huma.Param{Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: "string"},
					Description: "A repeat with the same key gets the first answer."})
			}
		}
	}
	for id := range s.access {
		if !seen[id] {
			wrong = append(wrong, fmt.Errorf("the table of access has a row for %s, which is no operation", id))
		}
	}
	for id := range s.keeps {
		if !seen[id] {
			wrong = append(wrong, fmt.Errorf("the answers of %s are to be kept, which is no operation", id))
		}
	}
	return errors.Join(wrong...)
}
