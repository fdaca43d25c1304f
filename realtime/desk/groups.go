package desk

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// Mode is how people come into breakout groups.
type Mode string

// The modes. In all of them a facilitator can move people.
const (
	Random  Mode = "random" // all are spread
	ByTopic Mode = "topic"  // who has a part in what a group works on goes there, the others are spread
	Chosen  Mode = "choice" // each chooses
)

// Groups are the breakout groups of a workshop.
type Groups struct {
	Mode Mode    `json:"mode" enum:"random,topic,choice"`
	List []Group `json:"list"`
}

// Group is one breakout group.
type Group struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Members   []string `json:"members" doc:"user ids"`
	Proposals []string `json:"proposals" doc:"ids of what it works on"`
}

// NewGroup is a group that is to be made.
type NewGroup struct {
	Name      string   `json:"name" maxLength:"300"`
	Proposals []string `json:"proposals,omitempty" maxItems:"100"`
}

// Limits of breakout groups.
const (
	MaxGroups    = 40
	MaxGroupName = 100
	maxWork      = 100 // proposals of a group
)

// MakeGroups makes groups in place of those there are. people are who is to be
// spread; prefer gives the group that somebody goes to by topic.
func (d *Desk) MakeGroups(ctx context.Context, workshop, actor string, mode Mode, list []NewGroup, people []string, prefer map[string]int) (*Groups, error) {
	if !slices.Contains([]Mode{Random, ByTopic, Chosen}, mode) {
		return nil, fault.InField("mode", "Choose random, topic or choice.")
	}
	if len(list) < 2 || len(list) > MaxGroups {
		return nil, fault.InField("groups", "Make from 2 to %d groups.", MaxGroups)
	}
	return change(ctx, d, workshop, actor, groups, KindGroups, func(t *turn, g **Groups) (*Groups, error) {
		made := &Groups{Mode: mode, List: make([]Group, len(list))}
		for i, n := range list {
			name := strings.TrimSpace(n.Name)
			if err := d.say(t, fmt.Sprintf("groups[%d].name", i), name, MaxGroupName); err != nil {
				return nil, err
			}
			made.List[i] = Group{ID: uuid.NewString(), Name: name, Members: []string{}, Proposals: append([]string{}, n.Proposals...)}
		}
		if mode != Chosen {
			made.spread(people, prefer)
		}
		*g = made
		return made, nil
	})
}

// spread puts each into the group that they go to by topic, and the others, in
// no order, into the smallest.
func (g *Groups) spread(people []string, prefer map[string]int) {
	rest := make([]string, 0, len(people))
	for _, user := range people {
		if i, ok := prefer[user]; ok && g.Mode == ByTopic && i >= 0 && i < len(g.List) {
			g.List[i].Members = append(g.List[i].Members, user)
		} else {
			rest = append(rest, user)
		}
	}
	rand.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	for _, user := range rest {
		least := 0
		for i := range g.List {
			if len(g.List[i].Members) < len(g.List[least].Members) {
				least = i
			}
		}
		g.List[least].Members = append(g.List[least].Members, user)
	}
}

func (g *Groups) find(id string) (*Group, error) {
	if g != nil {
		if i := slices.IndexFunc(g.List, func(one Group) bool { return one.ID == id }); i >= 0 {
			return &g.List[i], nil
		}
	}
	return nil, fault.New(fault.NotFound, "There is no such group, or no longer.")
}

// Move puts somebody into a group and takes them out of the one that they were
// in. Who moves themselves, chosen, can only where each chooses.
func (d *Desk) Move(ctx context.Context, workshop, actor, id, user string, chosen bool) (Group, error) {
	return change(ctx, d, workshop, actor, groups, KindGroup, func(t *turn, g **Groups) (Group, error) {
		to, err := (*g).find(id)
		if err != nil {
			return Group{}, err
		}
		if chosen && (*g).Mode != Chosen {
			return Group{}, fault.New(fault.Forbidden, "The facilitator says who is in which group. Ask them to move you.")
		}
		if slices.Contains(to.Members, user) {
			return *to, errSame
		}
		var changed []Group
		for i := range (*g).List {
			from := &(*g).List[i]
			if at := slices.Index(from.Members, user); at >= 0 {
				from.Members = slices.Delete(from.Members, at, at+1)
				changed = append(changed, *from)
			}
		}
		to.Members = append(to.Members, user)
		t.told = map[string]any{"groups": append(changed, *to)}
		return *to, nil
	})
}

// WorkOn says what a group works on.
func (d *Desk) WorkOn(ctx context.Context, workshop, actor, id string, proposals []string) (Group, error) {
	if len(proposals) > maxWork {
		return Group{}, fault.InField("proposals", "A group works on at most %d proposals.", maxWork)
	}
	return change(ctx, d, workshop, actor, groups, KindGroup, func(t *turn, g **Groups) (Group, error) {
		one, err := (*g).find(id)
		if err != nil {
			return Group{}, err
		}
		if slices.Equal(one.Proposals, proposals) {
			return *one, errSame
		}
		one.Proposals = append([]string{}, proposals...)
		t.told = map[string]any{"groups": []Group{*one}}
		return *one, nil
	})
}

// EndGroups brings all together again. What the groups said stays.
func (d *Desk) EndGroups(ctx context.Context, workshop, actor string) (*Groups, error) {
	return change(ctx, d, workshop, actor, groups, KindGroupsEnded, func(_ *turn, g **Groups) (*Groups, error) {
		if *g == nil {
			return nil, errSame
		}
		*g = nil
		return nil, nil
	})
}

// GroupOf finds a group, while there are groups.
func (d *Desk) GroupOf(ctx context.Context, workshop, id string) (Group, error) {
	var g *Groups
	if err := load(d.db.WithContext(ctx), workshop, groups, &g); err != nil {
		return Group{}, err
	}
	one, err := g.find(id)
	if err != nil {
		return Group{}, err
	}
	return *one, nil
}
