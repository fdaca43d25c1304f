package taxonomy

import (
	"context"
	"fmt"
	"strings"

	"github.com/atelier-attack/atelier/realtime/markdown"
)

// Card is the little that is shown of an object where something links to it.
type Card struct {
	Object     Link     `json:"object"`
	TypeLabel  string   `json:"type_label"`
	Summary    string   `json:"summary" doc:"the start of its description, without Markdown"`
	Parent     *Link    `json:"parent,omitempty"`
	Tactics    []string `json:"tactics" doc:"names"`
	Revoked    bool     `json:"revoked"`
	Deprecated bool     `json:"deprecated"`
	ReplacedBy *Link    `json:"replaced_by,omitempty"`
}

// longestSummary is how much of a description a card shows, in characters.
const longestSummary = 280

// Card gives the card of an object, by STIX id or ATT&CK id.
func (s *Snapshot) Card(id string, text *markdown.Renderer) (c Card, ok bool) {
	o, ok := s.Object(id)
	if !ok {
		return c, false
	}
	h := s.head(o)
	c = Card{Object: h.Link, TypeLabel: h.TypeLabel, Tactics: []string{}, Revoked: o.Revoked, Deprecated: o.Deprecated, ReplacedBy: h.ReplacedBy}
	for _, t := range h.Tactics {
		c.Tactics = append(c.Tactics, t.Name)
	}
	if parent, ok := s.Parent(o.ID); ok && parent != nil {
		link := parent.Link()
		c.Parent = &link
	}
	first, _, _ := strings.Cut(strings.TrimSpace(o.Description), "\n")
	c.Summary = atWord(text.Plain(first, s.textWriter("", nil, text).context), longestSummary)
	return c, true
}

// atWord cuts text between two words.
func atWord(text string, longest int) string {
	runes := []rune(text)
	if len(runes) <= longest {
		return text
	}
	text = string(runes[:longest])
	if i := strings.LastIndexByte(text, ' '); i > 0 {
		text = text[:i]
	}
	return strings.TrimRight(text, ",;:.") + "…"
}

// MadeHere says whether an object came into being by a release of this
// installation: no index and no file that was imported has it.
func (t *Taxonomy) MadeHere(ctx context.Context, stixID string) (bool, error) {
	var came bool
	err := t.db.WithContext(ctx).Raw(`SELECT EXISTS (SELECT 1 FROM objects o JOIN collection_members m ON m.object_id = o.id
		JOIN collections c ON c.id = m.collection_id WHERE o.stix_id = ? AND c.source <> ?)`, stixID, FromRelease).Row().Scan(&came)
	if err != nil {
		return false, fmt.Errorf("find out where %s came from: %w", stixID, err)
	}
	return !came, nil
}
