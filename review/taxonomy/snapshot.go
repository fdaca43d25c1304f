package taxonomy

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"github.com/atelier-attack/atelier/review/attack"
)

// state is one domain as one collection has it.
type state struct {
	collection Collection
	objects    []*Object // in the order of the bundle
	once       []*Object // each in its newest version, in that order
	domain     Domain
	matrix     Matrix
	vocabulary Vocabulary         // but for the habits
	habits     func() []Habit     // found once, when somebody writes
	byID       map[string]*Object // the newest version of each
	style      Conventions
}

// Snapshot is all domains at one moment, made for reading. It is immutable and
// safe for concurrent use.
type Snapshot struct {
	states   []*state
	all      []*Object // each object once, in its best version
	byID     map[string]*Object
	byAttack map[string]*Object
	rivals   map[string][]*Object // others that have an ATT&CK id, too
	outgoing map[string][]*Object // relationships by source
	incoming map[string][]*Object // relationships by target
	named    map[string][]naming  // objects by what their properties name
	search   func() *finder       // makes the index once; who comes meanwhile waits
	searched atomic.Bool          // somebody has asked for the index
	// sources finds the references of living objects by name; made once.
	sources func() *sources
}

// finder gives the index of the snapshot.
func (s *Snapshot) finder() *finder {
	s.searched.Store(true)
	return s.search()
}

// naming is a property of an object that names another one.
type naming struct {
	by   *Object
	path string
}

// Domain is what a domain is at present.
type Domain struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Version    string `json:"version"`
	Title      string `json:"title"`
	Source     string `json:"source" enum:"index,import,release"`
	Objects    int    `json:"objects"`
	Techniques int    `json:"techniques"`
	HasText    bool   `json:"has_text" doc:"false: only the built-in index is loaded, import MITRE's file for the text"`
}

func newState(c Collection, objects []*Object) *state {
	s := &state{collection: c, objects: objects}
	s.domain = Domain{ID: c.Domain, Name: domainName(c.Domain), Version: c.Version, Title: c.Title, Source: c.Source,
		Objects: len(objects), HasText: c.Source != FromIndex}
	s.byID = make(map[string]*Object, len(objects))
	for _, o := range objects {
		if o.Type == attack.TypeTechnique && o.Live() {
			s.domain.Techniques++
		}
		if old := s.byID[o.ID]; old == nil || o.CompareTime(&old.Object) > 0 { // of two contents of one version the first, as everywhere
			s.byID[o.ID] = o
		}
	}
	seen := make(map[string]bool, len(s.byID))
	for _, o := range objects {
		if !seen[o.ID] {
			seen[o.ID] = true
			s.once = append(s.once, s.byID[o.ID])
		}
	}
	s.style = s.conventions()
	s.matrix = s.buildMatrix()
	s.vocabulary = s.buildVocabulary()
	s.habits = sync.OnceValue(s.findHabits)
	return s
}

// domainName makes a readable name of a domain that is not known by name, too:
// enterprise-attack becomes Enterprise.
func domainName(id string) string {
	name := strings.TrimSuffix(id, "-attack")
	if len(name) <= 3 {
		return strings.ToUpper(name)
	}
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + strings.ReplaceAll(name[size:], "-", " ")
}

func newSnapshot(states []*state) *Snapshot {
	s := &Snapshot{states: slices.Clone(states), byID: map[string]*Object{}, byAttack: map[string]*Object{}, rivals: map[string][]*Object{},
		outgoing: map[string][]*Object{}, incoming: map[string][]*Object{}, named: map[string][]naming{}}
	slices.SortFunc(s.states, func(a, b *state) int { return cmp.Compare(a.collection.Domain, b.collection.Domain) })
	withText := map[string]bool{}
	for _, state := range s.states {
		for _, o := range state.objects {
			old := s.byID[o.ID]
			if old == nil || better(o, state.domain.HasText, old, withText[o.ID]) {
				s.byID[o.ID], withText[o.ID] = o, state.domain.HasText
			}
		}
	}
	seen := make(map[string]bool, len(s.byID))
	for _, state := range s.states {
		for _, o := range state.objects {
			if !seen[o.ID] {
				seen[o.ID] = true
				s.index(s.byID[o.ID])
			}
		}
	}
	s.search = sync.OnceValue(func() *finder { return newFinder(s) })
	s.sources = sync.OnceValue(s.findSources)
	return s
}

// better says which of two domains' versions of an object is shown: one with
// its text before one of the index, and then the newer.
func better(o *Object, text bool, old *Object, oldText bool) bool {
	if text != oldText {
		return text
	}
	return o.CompareTime(&old.Object) > 0
}

func (s *Snapshot) index(o *Object) {
	s.all = append(s.all, o)
	if o.Type == attack.TypeRelationship {
		s.outgoing[o.Source] = append(s.outgoing[o.Source], o)
		s.incoming[o.Target] = append(s.incoming[o.Target], o)
	}
	for _, ref := range o.Refs {
		s.named[ref.ID] = append(s.named[ref.ID], naming{o, ref.Path})
	}
	if o.ATTACK == "" {
		return
	}
	old := s.byAttack[o.ATTACK]
	if old != nil && !before(o, old) {
		s.rivals[o.ATTACK] = append(s.rivals[o.ATTACK], o)
		return
	}
	if s.byAttack[o.ATTACK] = o; old != nil {
		s.rivals[o.ATTACK] = append(s.rivals[o.ATTACK], old)
	}
}

// before says which of two objects an ATT&CK id that both have leads to: the
// one whose type has such ids (a mitigation of old has that of its technique),
// and then the one that lives.
func before(o, old *Object) bool {
	owns, owned := attack.Describe(o.Type).Owns(o.ATTACK), attack.Describe(old.Type).Owns(old.ATTACK)
	if owns != owned {
		return owns
	}
	return o.Live() && !old.Live()
}

func (s *Snapshot) state(collection int64) *state {
	for _, one := range s.states {
		if one.collection.ID == collection {
			return one
		}
	}
	return nil
}

func (s *Snapshot) of(domain string) *state {
	for _, one := range s.states {
		if one.collection.Domain == domain {
			return one
		}
	}
	return nil
}

// Object finds an object by STIX id or by ATT&CK id.
func (s *Snapshot) Object(id string) (*Object, bool) {
	if o, ok := s.byID[id]; ok {
		return o, true
	}
	o, ok := s.byAttack[id]
	return o, ok
}

// ObjectFor finds an object by STIX id or by ATT&CK id; of several that have
// the ATT&CK id, one that is in the domain.
func (s *Snapshot) ObjectFor(domain, id string) (*Object, bool) {
	o, ok := s.Object(id)
	if !ok || o.ID == id {
		return o, ok
	}
	for _, one := range append([]*Object{o}, s.rivals[id]...) {
		if own, here := s.InDomain(domain, one.ID); here && own.Live() {
			return own, true
		}
	}
	return o, true
}

// InDomain finds the version of an object that is in a domain's current
// collection, by STIX id.
func (s *Snapshot) InDomain(domain, stixID string) (*Object, bool) {
	state := s.of(domain)
	if state == nil {
		return nil, false
	}
	o, ok := state.byID[stixID]
	return o, ok
}

// Objects lists all objects of a domain, in the order of its bundle. The list
// belongs to the snapshot.
func (s *Snapshot) Objects(domain string) []*Object {
	if state := s.of(domain); state != nil {
		return state.objects
	}
	return nil
}

// Domains lists the domains.
func (s *Snapshot) Domains() []Domain {
	list := make([]Domain, len(s.states))
	for i, one := range s.states {
		list[i] = one.domain
	}
	return list
}

// Outgoing lists the live relationships that start at an object.
func (s *Snapshot) Outgoing(stixID string) []*Object { return live(s.outgoing[stixID]) }

// Incoming lists the live relationships that end at an object.
func (s *Snapshot) Incoming(stixID string) []*Object { return live(s.incoming[stixID]) }

func live(list []*Object) []*Object {
	var out []*Object
	for _, o := range list {
		if o.Live() {
			out = append(out, o)
		}
	}
	return out
}

// Parent gives the technique of a sub-technique.
func (s *Snapshot) Parent(stixID string) (*Object, bool) {
	for _, r := range s.outgoing[stixID] {
		if r.Kind == attack.SubtechniqueOf && r.Live() {
			o, ok := s.byID[r.Target]
			return o, ok
		}
	}
	return nil, false
}

// Children lists the live sub-techniques of a technique by ATT&CK id.
func (s *Snapshot) Children(stixID string) []*Object {
	var list []*Object
	for _, r := range s.Incoming(stixID) {
		if o := s.byID[r.Source]; r.Kind == attack.SubtechniqueOf && o != nil && o.Live() {
			list = append(list, o)
		}
	}
	sortByAttackID(list)
	return list
}

func sortByAttackID(list []*Object) {
	slices.SortFunc(list, func(a, b *Object) int { return cmp.Or(cmp.Compare(a.ATTACK, b.ATTACK), cmp.Compare(a.ID, b.ID)) })
}
