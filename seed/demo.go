package seed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/atelier-attack/atelier/app"
	"github.com/atelier-attack/atelier/app/workshop"
	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/realtime/journal"
	"github.com/atelier-attack/atelier/review"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/release"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// PlantDemo makes the demo workshop in an installation that has no accounts.
// Whatever is made is made by the services, as people would. Every step is a
// write that may be repeated, so what was broken off goes on where it stopped.
func PlantDemo(ctx context.Context, a *app.Atelier, now time.Time) error {
	here, err := present(ctx, a)
	if err != nil || here[ines] {
		return err
	}
	others, err := a.People.Any(ctx)
	if err != nil || others && !here[cast()[0].key] {
		return err
	}
	domain := demoDomain(a.Taxonomy.Snapshot())
	if domain == "" {
		return nil
	}
	s := &stage{Atelier: a, ctx: ctx, domain: domain, here: here, actors: map[string]review.Actor{}, proposals: map[string]review.Proposal{}}
	if err := s.play(now); err != nil {
		return fmt.Errorf("make the demo workshop: %w", err)
	}
	return nil
}

// demoDomain is the one that the demo's proposals are about, or else the first.
func demoDomain(now *taxonomy.Snapshot) string {
	domains := now.Domains()
	if slices.ContainsFunc(domains, func(d taxonomy.Domain) bool { return d.ID == "enterprise-attack" }) {
		return "enterprise-attack"
	}
	if len(domains) == 0 {
		return ""
	}
	return domains[0].ID
}

// stage is where the demo is played.
type stage struct {
	*app.Atelier
	ctx       context.Context
	domain    string
	workshop  workshop.Workshop
	here      map[string]bool // who has an account
	actors    map[string]review.Actor
	proposals map[string]review.Proposal // by key; missing where the taxonomy does not have what it needs
}

// as gives the context of a write that may be repeated: the first answer comes
// again. what tells the steps of a person apart.
func (s *stage) as(who string, what ...any) (context.Context, error) {
	text, err := json.Marshal(what)
	if err != nil {
		return nil, fmt.Errorf("name a step: %w", err)
	}
	sum := sha256.Sum256(text)
	return journal.WithRequest(s.ctx, s.actors[who].User, "demo "+hex.EncodeToString(sum[:]), "demo"), nil
}

func (s *stage) play(now time.Time) error {
	last := cast()[len(cast())-1]
	for _, p := range cast() {
		s.actors[p.key] = review.Actor{User: p.id(), Roles: p.roles}
	}
	if err := s.open(now); err != nil {
		return err
	}
	for _, p := range cast() {
		if p.key != last.key {
			if err := s.enter(p); err != nil {
				return err
			}
		}
	}
	if err := s.cast(cast()[0]); err != nil { // its maker was the maintainer too, until she came
		return err
	}
	for _, step := range story() {
		if err := step(s); err != nil {
			return err
		}
	}
	return s.enter(last)
}

// open makes the workshop. Its maker gets an account first.
func (s *stage) open(now time.Time) error {
	maker := cast()[0]
	if err := s.account(maker); err != nil {
		return err
	}
	ctx, err := s.as(maker.key, "open")
	if err != nil {
		return err
	}
	if s.workshop, err = s.Workshops.Create(ctx, maker.id(), demoWorkshop(s.domain, now)); err != nil {
		return err
	}
	for key, actor := range s.actors {
		actor.Workshop = s.workshop.ID
		s.actors[key] = actor
	}
	return nil
}

func (s *stage) account(p person) error {
	if s.here[p.key] {
		return nil
	}
	s.here[p.key] = true
	if _, err := s.People.Add(s.ctx, p.account()); err != nil || !p.named {
		return err
	}
	_, err := s.Proposals.NameMe(s.ctx, p.id(), review.Naming{Answer: review.AnswerNamed, NamedAs: p.name + ", " + p.organisation})
	return err
}

// enter lets a person in by the workshop's code, and gives them their roles.
func (s *stage) enter(p person) error {
	if err := s.account(p); err != nil {
		return err
	}
	invitation, err := s.Workshops.Invitation(s.ctx, s.workshop.ID)
	if err != nil {
		return err
	}
	ctx, err := s.as(p.key, "join")
	if err != nil {
		return err
	}
	if _, err := s.Workshops.Join(ctx, invitation.Code, p.id()); err != nil {
		return err
	}
	if p.key == tomasz || slices.Equal(p.roles, []review.Role{review.Participant}) {
		return nil
	}
	return s.cast(p)
}

func (s *stage) cast(p person) error {
	ctx, err := s.as(tomasz, "roles", p.key)
	if err != nil {
		return err
	}
	_, err = s.Workshops.SetRoles(ctx, s.actors[tomasz].User, s.workshop.ID, p.id(), p.roles)
	return err
}

// step is one thing that somebody does in the demo.
type step func(s *stage) error

// says posts into the room.
func says(who, text string) step {
	return func(s *stage) error {
		return s.post(who, discuss.Anchor{Type: "workshop", ID: s.workshop.ID}, "", text)
	}
}

// comments posts about a field of a proposal, or about all of it.
func comments(who, proposal, field, text string) step {
	return func(s *stage) error {
		p, ok := s.proposals[proposal]
		if !ok {
			return nil
		}
		return s.post(who, discuss.Anchor{Type: review.AnchorType, ID: p.ID}, field, text)
	}
}

func (s *stage) post(who string, about discuss.Anchor, field, text string) error {
	ctx, err := s.as(who, "post", about.String(), field, text)
	if err != nil {
		return err
	}
	_, err = s.Discussion.Post(ctx, s.workshop.ID, s.actors[who].User, about, discuss.NewMessage{Field: field, Body: text})
	return err
}

// contribution is a proposal of the demo.
type contribution struct {
	key       string
	kind      string
	object    string // ATT&CK id of the technique that it starts from
	source    string // ATT&CK id of who was seen; procedure examples only
	content   attack.Content
	rationale string
}

// drafts starts a proposal and writes its text. One that the taxonomy at hand
// does not have the objects for, such as that of a later ATT&CK, is left out.
func drafts(who string, c contribution) step {
	return func(s *stage) error {
		content, ok := s.fit(c)
		if !ok {
			s.Log.Info("the demo leaves out a proposal", "proposal", c.key, "domain", s.domain)
			return nil
		}
		ctx, err := s.as(who, "start", c.key)
		if err != nil {
			return err
		}
		d, err := s.Proposals.Start(ctx, s.actors[who], s.domain, review.NewProposal{Kind: c.kind, ObjectID: c.object, Content: content})
		if err != nil {
			return fmt.Errorf("start %s: %w", c.key, err)
		}
		s.proposals[c.key] = d.Proposal
		if c.rationale == "" {
			return nil
		}
		return s.save(who, c.key, "first", content, c.rationale)
	}
}

// fit puts what the taxonomy has in place of what the story says; ok is false
// where the proposal makes no sense with it.
func (s *stage) fit(c contribution) (attack.Content, bool) {
	now := s.Taxonomy.Snapshot()
	if o, ok := now.Object(c.object); c.object != "" && (!ok || !o.Live()) {
		return nil, false
	}
	content := attack.Content{}
	for name, value := range c.content {
		content[name] = value
	}
	if c.source != "" {
		o, ok := now.Object(c.source)
		if !ok {
			return nil, false
		}
		content[attack.FieldSource] = attack.Value{Text: o.ID}
	}
	words := now.Vocabulary(s.domain)
	for _, v := range []struct {
		field string
		terms []taxonomy.Term
	}{{attack.FieldTactics, words.Tactics}, {attack.FieldPlatforms, words.Platforms}} {
		value, ok := content[v.field]
		if !ok {
			continue
		}
		value.List = slices.DeleteFunc(slices.Clone(value.List), func(word string) bool {
			return !slices.ContainsFunc(v.terms, func(t taxonomy.Term) bool { return t.Value == word })
		})
		if len(value.List) == 0 {
			return nil, false
		}
		content[v.field] = value
	}
	return content, true
}

// revises changes some fields of a draft.
func revises(who, key string, changed attack.Content, rationale string) step {
	return func(s *stage) error {
		if _, ok := s.proposals[key]; !ok {
			return nil
		}
		return s.save(who, key, rationale, changed, rationale)
	}
}

// save writes fields over those of the draft as it is.
func (s *stage) save(who, key, what string, changed attack.Content, rationale string) error {
	ctx, err := s.as(who, "save", key, what)
	if err != nil {
		return err
	}
	d, err := s.Proposals.Draft(s.ctx, s.actors[who], s.proposals[key].ID)
	if err != nil {
		return err
	}
	for name, value := range changed {
		d.Content[name] = value
	}
	_, err = s.Proposals.Save(ctx, s.actors[who], d.Proposal.ID, review.DraftUpdate{Version: d.Version, Content: d.Content, Rationale: rationale})
	if err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	return nil
}

// submits makes the next revision of a draft.
func submits(who, key string, revision int64) step {
	return func(s *stage) error {
		p, ok := s.proposals[key]
		if !ok {
			return nil
		}
		ctx, err := s.as(who, "submit", key, revision)
		if err != nil {
			return err
		}
		d, err := s.Proposals.Draft(s.ctx, s.actors[who], p.ID)
		if err != nil {
			return err
		}
		done, err := s.Proposals.Submit(ctx, s.actors[who], p.ID, review.Submission{Version: d.Version})
		if fault.CodeOf(err) == fault.Invalid {
			return fmt.Errorf("submit %s: %w", key, err)
		}
		s.proposals[key] = done
		return err
	}
}

// reviews is what a reviewer does with the latest revision.
func reviews(who, key string, action review.Action, revision int64, note string) step {
	return func(s *stage) error {
		p, ok := s.proposals[key]
		if !ok {
			return nil
		}
		ctx, err := s.as(who, "review", key, action, revision)
		if err != nil {
			return err
		}
		_, err = s.Proposals.Review(ctx, s.actors[who], p.ID, action, review.Verdict{Revision: revision, Note: note})
		if err != nil {
			return fmt.Errorf("review %s: %w", key, err)
		}
		return nil
	}
}

// opens starts a release with what is accepted. It stays open: publishing is
// for whoever tries the demo.
func opens(who, name, notes string) step {
	return func(s *stage) error {
		ctx, err := s.as(who, "release", name)
		if err != nil {
			return err
		}
		if _, err := s.Releases.Open(ctx, s.actors[who], release.NewRelease{Name: name, Notes: notes}); err != nil {
			return fmt.Errorf("open a release: %w", err)
		}
		return nil
	}
}
