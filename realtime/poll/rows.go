package poll

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/fault"
)

type row struct {
	ID, WorkshopID, Kind, Question, Options string
	Dots                                    int
	Anonymous                               bool
	About, State, Urn, Result, MadeBy       string
	Seq                                     int64
	Restarts                                int
	OpenedAt, ClosedAt                      *time.Time
}

func (row) TableName() string { return "polls" }

// voterRow says that somebody has voted anonymously. It has no time and no
// number: rows tell nothing but who.
type voterRow struct{ PollID, UserID string }

func (voterRow) TableName() string { return "poll_voters" }

// ballotRow is a vote by name.
type ballotRow struct{ PollID, UserID, Ballot string }

func (ballotRow) TableName() string { return "poll_ballots" }

func find(db *gorm.DB, workshop, id string) (row, error) {
	var rows []row
	if err := db.Where("workshop_id = ? AND id = ?", workshop, id).Limit(1).Find(&rows).Error; err != nil {
		return row{}, fmt.Errorf("find a poll: %w", err)
	}
	if len(rows) == 0 {
		return row{}, fault.New(fault.NotFound, "There is no such poll in this workshop.")
	}
	return rows[0], nil
}

// poll gives a row as it is shown, without who has voted.
func (r row) poll() (Poll, error) {
	p := Poll{ID: r.ID, Kind: Kind(r.Kind), Question: r.Question, Dots: r.Dots, Anonymous: r.Anonymous, About: r.About, State: State(r.State),
		By: r.MadeBy, Seq: r.Seq, Restarts: r.Restarts, OpenedAt: utc(r.OpenedAt), ClosedAt: utc(r.ClosedAt), Votes: map[string]Ballot{}}
	err := json.Unmarshal([]byte(r.Options), &p.Options)
	if r.Result != "" {
		p.Tally = &Tally{}
		err = errors.Join(err, json.Unmarshal([]byte(r.Result), p.Tally))
	}
	if err != nil {
		err = fmt.Errorf("read poll %s: %w", r.ID, err)
	}
	return p, err
}

func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

// withVotes puts in who has voted and, unless the poll is anonymous, what.
func (p Poll) withVotes(db *gorm.DB) (Poll, error) {
	p.Votes = map[string]Ballot{}
	if p.Anonymous {
		var voters []string
		if err := db.Model(&voterRow{}).Where("poll_id = ?", p.ID).Pluck("user_id", &voters).Error; err != nil {
			return p, fmt.Errorf("read who has voted: %w", err)
		}
		for _, user := range voters {
			p.Votes[user] = Ballot{}
		}
		return p, nil
	}
	var rows []ballotRow
	if err := db.Where("poll_id = ?", p.ID).Find(&rows).Error; err != nil {
		return p, fmt.Errorf("read votes: %w", err)
	}
	for _, r := range rows {
		b, err := readBallot(r.Ballot)
		if err != nil {
			return p, err
		}
		p.Votes[r.UserID] = b
	}
	return p, nil
}

func readBallot(text string) (b Ballot, err error) {
	if err = json.Unmarshal([]byte(text), &b); err != nil {
		err = fmt.Errorf("read a vote: %w", err)
	}
	return b, err
}
