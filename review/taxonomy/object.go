package taxonomy

import (
	"strings"

	"github.com/atelier-attack/atelier/review/attack"
)

// Object is one object of the snapshot; it is not changed after it was made.
type Object struct {
	attack.Object
	ATTACK    string // its ATT&CK id; empty: none
	Yields    string // the ATT&CK id that a release gave it and that another object has; empty: none
	Row       int64  // objects.id of this version
	name      string // in lower case
	detection bool   // it says itself how it is detected, as techniques did before detection strategies
	Members   int    // of a collection: how many objects it lists
}

func newObject(row int64, o attack.Object) *Object {
	members := len(o.Contents)
	o.Contents = nil // large, and not read again
	made := &Object{Object: o, Members: members, ATTACK: o.AttackID(), Row: row, name: strings.ToLower(o.Name)}
	if o.Type != attack.TypeRelationship {
		made.detection = strings.TrimSpace(textOf(member(o.Rest, "x_mitre_detection"))) != ""
	}
	return made
}

// Label is how people call the object: its ATT&CK id, or else its STIX id.
func (o *Object) Label() string {
	if o.ATTACK != "" {
		return o.ATTACK
	}
	return o.ID
}

// Link names an object and where to find it.
type Link struct {
	STIXID   string `json:"stix_id"`
	AttackID string `json:"attack_id"`
	Type     string `json:"type"`
	Name     string `json:"name"`
	Retired  bool   `json:"retired,omitempty" doc:"revoked or deprecated"`
}

// Link gives the object's name and ids.
func (o *Object) Link() Link { return Link{o.ID, o.ATTACK, o.Type, o.Name, !o.Live()} }
