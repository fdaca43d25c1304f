package review

import (
	"encoding/json"
	"fmt"
	"maps"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/fault"
	"github.com/atelier-attack/atelier/review/attack"
)

// begins gives the message that a proposal begins with, as a row keeps it, and
// puts what it says where nothing was given: it describes a new object, and is
// the reason for a change.
func begins(db *gorm.DB, actor Actor, form attack.Form, in NewProposal) (string, NewProposal, error) {
	if in.Message == "" {
		return "", in, nil
	}
	said, err := discuss.MessageIn(db, actor.Workshop, in.Message)
	if fault.CodeOf(err) == fault.NotFound {
		return "", in, fault.InField("message", "There is no such message in this workshop.")
	}
	if err != nil {
		return "", in, err
	}
	if said.Deleted != nil {
		return "", in, fault.InField("message", "This message was deleted, so nothing can begin with it.")
	}
	_, described := form.Field(attack.FieldDescription)
	switch {
	case form.Action == attack.Add && described:
		if in.Content[attack.FieldDescription].Empty() {
			if in.Content = maps.Clone(in.Content); in.Content == nil {
				in.Content = attack.Content{}
			}
			in.Content[attack.FieldDescription] = attack.Value{Text: said.Body}
		}
	case in.Rationale == "":
		in.Rationale = said.Body
	}
	text, err := json.Marshal(Origin{said.ID, said.Anchor, said.Author})
	if err != nil {
		return "", in, fmt.Errorf("write what a proposal begins with: %w", err)
	}
	return string(text), in, nil
}
