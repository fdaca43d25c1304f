package review

import (
	"time"

	"github.com/atelier-attack/atelier/realtime/typed"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
)

// Kinds of journal events that this package writes.
const (
	KindSubmitted        = "proposal.submitted"
	KindWithdrawn        = "proposal.withdrawn"
	KindStarted          = "review.started"
	KindChangesRequested = "review.changes_requested"
	KindApproved         = "review.approved"
	KindRejected         = "review.rejected"
	KindResolved         = "thread.resolved"
	KindReopened         = "thread.reopened"
	KindBlocked          = "thread.blocked"
	KindUnblocked        = "thread.unblocked"
	KindMoved            = "proposals.moved"    // the taxonomy moved under open proposals
	KindUpgraded         = "proposal.upgraded"  // one took over what moved
	KindExplained        = "proposal.explained" // it was said why something in it may stand
	KindInvited          = "proposal.authors"   // others write in one, or do not any more
	KindSuggested        = "suggestion.made"
	KindTaken            = "suggestion.taken"
	KindDeclined         = "suggestion.declined"
	KindDropped          = "suggestion.dropped" // by who made it
	KindUndone           = "suggestion.undone"  // it was taken, and then was not
	KindCredited         = "proposal.credited"  // somebody said how to be named in one, or whom to thank
	KindNaming           = "proposals.credited" // somebody said how to be named in all of theirs
)

// Check is one automatic finding on content.
type Check = check.Check

// ProposedObject names the object that a proposal makes or changes.
type ProposedObject struct {
	STIXID   string `json:"stix_id"`
	AttackID string `json:"attack_id" doc:"empty until a release assigns it"`
	Type     string `json:"type"`
	Name     string `json:"name"`
	Label    string `json:"label" doc:"the ATT&CK id, or a provisional label like NEW-12"`
}

// Origin is the message that a proposal began with.
type Origin struct {
	Message string `json:"message" doc:"id"`
	Anchor  string `json:"anchor" doc:"what the message is about, as type:id"`
	Author  string `json:"author" doc:"user id"`
}

// MadeObject is a new object of a proposal that changes several.
type MadeObject struct {
	ProposedObject
	Kind string `json:"kind" doc:"of the form that makes it"`
}

// Turn says who has to act next, why, and since when.
type Turn struct {
	Role   Role      `json:"role,omitempty"`
	User   string    `json:"user,omitempty"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

// Proposal is one reviewable change of the taxonomy.
type Proposal struct {
	ID           string           `json:"id"`
	Workshop     string           `json:"workshop"`
	Number       int64            `json:"number"`
	Domain       string           `json:"domain"`
	Kind         string           `json:"kind"`
	Action       attack.Action    `json:"action" enum:"add,modify,deprecate,revoke,several"`
	State        State            `json:"state" enum:"draft,submitted,in_review,changes_requested,accepted,rejected,withdrawn,released"`
	Title        string           `json:"title"`
	Object       ProposedObject   `json:"object"`
	Author       string           `json:"author" doc:"user id"`
	CoAuthors    []string         `json:"co_authors" doc:"user ids of who writes in it with its author"`
	Rationale    string           `json:"rationale"`
	Origin       *Origin          `json:"origin,omitempty" doc:"the message that it began with"`
	Revision     int64            `json:"revision" doc:"number of the latest revision; 0: never submitted"`
	Tactics      []string         `json:"tactics"`
	Techniques   []string         `json:"techniques" doc:"STIX ids of the techniques it touches"`
	Refers       []string         `json:"refers" doc:"STIX ids of the objects that it names; those that other proposals make have to be accepted first"`
	Turn         Turn             `json:"turn"`
	Bump         string           `json:"bump" enum:"major,minor,patch"`
	Release      string           `json:"release"`
	CreatedAt    time.Time        `json:"created_at"`
	UpdatedAt    time.Time        `json:"updated_at"`
	Reviews      []Review         `json:"reviews"`
	Credits      []Credit         `json:"credits" doc:"who had a part in it, and whether they are named"`
	Vouched      []Vouched        `json:"vouched" doc:"names that came with its text, and whose bearers agreed to be named"`
	Suggestions  []Suggestion     `json:"suggestions" doc:"what reviewers would have it say"`
	Requirements []Requirement    `json:"requirements" doc:"what has to be before it is released"`
	Standing     *Standing        `json:"standing,omitempty" doc:"of an open proposal, beside the taxonomy as it is now"`
	Makes        []MadeObject     `json:"makes,omitempty" doc:"new objects of one that changes several objects"`
	Content      *RevisionContent `json:"content,omitempty"`
}

// Review is one person's verdict on one revision.
type Review struct {
	ID        string            `json:"id"`
	Revision  int64             `json:"revision"`
	Reviewer  string            `json:"reviewer" doc:"user id"`
	Verdict   string            `json:"verdict" enum:"approve,request_changes,reject"`
	Note      string            `json:"note"`
	NoteHTML  string            `json:"note_html"`
	At        time.Time         `json:"at"`
	Explained []typed.Explained `json:"explained,omitempty" doc:"what in the note looked as if it must not be shared, and why it may"`
}

// FieldContent is one field of a revision beside its base.
type FieldContent struct {
	Field      attack.Field      `json:"field"`
	Before     *attack.Value     `json:"before"`
	After      attack.Value      `json:"after"`
	BeforeHTML string            `json:"before_html,omitempty"`
	AfterHTML  string            `json:"after_html,omitempty"`
	Changed    bool              `json:"changed"`
	Labels     map[string]string `json:"labels,omitempty" doc:"what to show for the values"`
}

// RevisionContent is a revision, field by field.
type RevisionContent struct {
	Number int64          `json:"number"`
	Fields []FieldContent `json:"fields"`
	Checks []Check        `json:"checks"`
	At     time.Time      `json:"at"`
	MadeBy string         `json:"made_by,omitempty" doc:"user id of who made it, where it was not submitted by its author"`
	Note   string         `json:"note,omitempty" doc:"what was done then"`
}

// RevisionBrief is a revision without its content.
type RevisionBrief struct {
	Number    int64     `json:"number"`
	At        time.Time `json:"at"`
	Rationale string    `json:"rationale"`
	MadeBy    string    `json:"made_by,omitempty" doc:"user id of who made it, where it was not submitted by its author"`
	Note      string    `json:"note,omitempty" doc:"what was done then"`
}

// NewProposal starts a proposal.
type NewProposal struct {
	Kind      string         `json:"kind" maxLength:"60" doc:"of a form"`
	ObjectID  string         `json:"object_id,omitempty" maxLength:"100" doc:"STIX or ATT&CK id of the object that is changed, or that the first fitting field shall name"`
	ObjectIDs []string       `json:"object_ids,omitempty" maxItems:"1000" doc:"STIX or ATT&CK ids of the objects that are selected, for what changes several"`
	Content   attack.Content `json:"content,omitempty"`
	Rationale string         `json:"rationale,omitempty" maxLength:"10000" doc:"what reviewers are told beside it"`
	Message   string         `json:"message,omitempty" maxLength:"100" doc:"id of a message of the workshop that it begins with: what it says becomes the description of a new object, else the rationale, unless those are given"`
	Template  string         `json:"template,omitempty" maxLength:"100" doc:"id of a template of this kind, for all that is not given"`
}

// DraftUpdate saves a draft that was read at Version.
type DraftUpdate struct {
	Version   int64             `json:"version"`
	Content   attack.Content    `json:"content"`
	Rationale string            `json:"rationale" maxLength:"10000"`
	Bump      string            `json:"bump,omitempty" enum:"major,minor,patch"`
	Explained map[string]string `json:"explained,omitempty" doc:"why what the guard finds may stand, by the keys of the findings; none: as it was. What is not found any more is dropped"`
	Keep      []string          `json:"keep,omitempty" maxItems:"100" doc:"fields that stay as they are, whatever the content says of them"`
	Texts     map[string]int64  `json:"texts,omitempty" doc:"versions of texts that were seen; where one has a newer version, nothing is saved"`
}

// Submission submits the draft that was read at Version.
type Submission struct {
	Version int64            `json:"version"`
	Texts   map[string]int64 `json:"texts,omitempty" doc:"versions of its texts that were seen"`
}

// Verdict is a reviewer's answer to one revision.
type Verdict struct {
	Revision  int64             `json:"revision"`
	Note      string            `json:"note" maxLength:"10000"`
	Bump      string            `json:"bump,omitempty" enum:"major,minor,patch"`
	Explained map[string]string `json:"explained,omitempty" doc:"why what must not be shared may stand in the note, by the keys of what look-at-text finds"`
}

// Filter narrows a list of proposals; an empty member does not.
type Filter struct {
	State  State
	Kind   string
	Author string
}

// QueueItem is a proposal that waits for somebody.
type QueueItem struct {
	Proposal Proposal  `json:"proposal"`
	Why      string    `json:"why"`
	Since    time.Time `json:"since"`
	Mine     bool      `json:"mine" doc:"it waits for the person who asks"`
}

// Queue is what waits in a workshop, longest first.
type Queue struct {
	Items []QueueItem `json:"items"`
}
