package taxonomy

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review/attack"
)

// examiner looks for oddities in a file, object by object as they come, so that
// it keeps no object's bytes.
type examiner struct {
	findings
	surroundings
	ids      map[string]bool                 // STIX ids
	versions map[[2]string][sha256.Size]byte // the first content by STIX id and time of change
	refs     map[string]*referred            // by the id that is referred to
	holders  map[string][]*Object            // by ATT&CK id
	names    map[[2]string]bool              // type and name of living objects
	tactics  map[string]bool
	replaced map[string]bool
	parents  map[string][]string // by sub-technique, living relationships
	pairs    map[[2]string]bool  // of a sub-technique and its parent
	all      []*Object
}

// surroundings is what a file is held against.
type surroundings struct {
	tactics func(shortname string) bool           // whether the file's domain has it now
	rival   func(attackID, stixID string) *Object // another living object with the id, elsewhere
	given   map[string]string                     // ATT&CK ids that releases gave away: to which STIX id
}

// referred is what refers to one id.
type referred struct {
	count int
	from  []*Object // the first few
}

func newExaminer() *examiner {
	return &examiner{findings: findings{}, ids: map[string]bool{}, versions: map[[2]string][sha256.Size]byte{}, refs: map[string]*referred{}, holders: map[string][]*Object{},
		names: map[[2]string]bool{}, tactics: map[string]bool{}, replaced: map[string]bool{}, parents: map[string][]string{}, pairs: map[[2]string]bool{}}
}

// look takes in one object with its own bytes.
func (e *examiner) look(v version) {
	o := v.object
	e.all = append(e.all, o)
	e.version(o, v.digest)
	for ref := range references(v.raw) {
		r := e.refs[string(ref)]
		if r == nil {
			r = &referred{}
			e.refs[string(ref)] = r
		}
		if r.count++; len(r.from) < maxExamples {
			r.from = append(r.from, o)
		}
	}
	if o.ATTACK != "" {
		e.holders[o.ATTACK] = append(e.holders[o.ATTACK], o)
	}
	if _, known := attack.TypeOfName(o.Type); !known {
		e.add(UnknownType, o.ID, o.Type)
	}
	if o.Type == attack.TypeTactic {
		e.tactics[o.Shortname] = true
	}
	if o.Type == attack.TypeRelationship {
		e.relationship(o)
	}
	e.text(o, v.raw)
	e.times(o)
}

// version finds an id that was there before.
func (e *examiner) version(o *Object, digest [sha256.Size]byte) {
	key := [2]string{o.ID, o.Stamp()}
	first, known := e.versions[key]
	if !known {
		e.versions[key] = digest
	}
	there := e.ids[o.ID]
	e.ids[o.ID] = true
	switch {
	case known && first != digest:
		e.add(ConflictingVersion, o.ID, o.called()+", "+o.Stamp())
	case there:
		e.add(DuplicateObject, o.ID, o.called())
	}
}

func (e *examiner) relationship(o *Object) {
	switch {
	case o.Source == "" || o.Target == "":
		e.add(LooseRelationship, o.ID, o.called())
		return
	case o.Source == o.Target:
		e.add(SelfRelationship, o.ID, o.Kind+": "+o.Source)
	}
	switch {
	case o.Kind == attack.RevokedBy:
		e.replaced[o.Source] = true
	case o.Kind == attack.SubtechniqueOf && o.Live():
		if pair := [2]string{o.Source, o.Target}; !e.pairs[pair] {
			e.pairs[pair] = true
			e.parents[o.Source] = append(e.parents[o.Source], o.Target)
		}
	}
}

// text looks at what people read.
func (e *examiner) text(o *Object, raw []byte) {
	for _, source := range o.unresolved() {
		e.add(UnresolvedCitation, o.ID, o.called()+": "+source)
	}
	if len(o.Name) > maxName && len([]rune(o.Name)) > maxName {
		e.add(LongName, o.ID, o.Label()+": "+o.Name)
	}
	if active(raw) || slices.ContainsFunc(o.References, scripted) || linksToScript(o.Description) {
		e.add(ActiveMarkup, o.ID, o.called())
	}
	if key := [2]string{o.Type, o.Name}; o.Name != "" && o.Live() && o.ATTACK != "" {
		if e.names[key] {
			e.add(RepeatedName, o.ID, o.called())
		}
		e.names[key] = true
	}
}

// maxName is from how many characters a name is called very long.
const maxName = 500

func scripted(r attack.ExternalReference) bool { return isScript(r.URL) }

func isScript(address string) bool {
	const scheme = "javascript:"
	return len(address) >= len(scheme) && strings.EqualFold(address[:len(scheme)], scheme)
}

// linksToScript says whether a link of a text in Markdown runs a script.
func linksToScript(text string) bool {
	for found := true; found; {
		if _, text, found = strings.Cut(text, "]("); found && isScript(text) {
			return true
		}
	}
	return false
}

func (e *examiner) times(o *Object) {
	created, errCreated := time.Parse(time.RFC3339Nano, o.Created)
	modified, errModified := time.Parse(time.RFC3339Nano, o.Modified)
	timeless := o.Type == attack.TypeMarking && o.Modified == "" // STIX gives it none
	switch {
	case errCreated != nil || errModified != nil && !timeless:
		e.add(BadTime, o.ID, o.called())
	case errModified == nil && modified.Before(created):
		e.add(ModifiedTooEarly, o.ID, o.called()+": "+o.Modified+" before "+o.Created)
	}
}

// finish looks at the file as a whole.
func (e *examiner) finish(s surroundings) []Finding {
	e.surroundings = s
	for _, o := range e.all {
		if o.Revoked && o.Type != attack.TypeRelationship && !e.replaced[o.ID] {
			e.add(RevokedNoSuccessor, o.ID, o.called())
		}
		e.placed(o)
	}
	e.dangling()
	e.shared()
	e.cycles()
	return e.list()
}

// placed says whether a technique has its tactics and its parent.
func (e *examiner) placed(o *Object) {
	for _, p := range o.Phases {
		if !e.tactics[p.Phase] && !e.surroundings.tactics(p.Phase) {
			e.add(UnknownTactic, o.ID, o.called()+": "+p.Phase)
		}
	}
	if o.Type != attack.TypeTechnique || !o.Live() {
		return
	}
	switch n := len(e.parents[o.ID]); {
	case n > 1:
		e.add(SeveralParents, o.ID, o.called())
	case n == 0 && o.Subtechnique:
		e.add(NoParent, o.ID, o.called())
	}
}

func (e *examiner) dangling() {
	var missing []string
	for id := range e.refs {
		if !e.ids[id] {
			missing = append(missing, id)
		}
	}
	slices.Sort(missing)
	for _, id := range missing {
		r := e.refs[id]
		for _, o := range r.from {
			e.add(DanglingReference, o.ID, o.called()+" → "+id)
		}
		if rest := r.count - len(r.from); rest > 0 {
			e.findings[DanglingReference].Count += rest
		}
	}
}

// shared finds ATT&CK ids that more than one object has.
func (e *examiner) shared() {
	for _, id := range sortedKeys(e.holders) {
		var living []*Object
		different := map[string]bool{}
		for _, o := range e.holders[id] {
			if different[o.ID] {
				continue
			}
			different[o.ID] = true
			if o.Live() {
				living = append(living, o)
			}
		}
		o := e.holders[id][0]
		if len(living) > 0 {
			o = living[0]
		}
		rival := e.rival(id, o.ID)
		switch {
		case len(living) > 1:
			e.add(SharedID, living[1].ID, id+": "+living[0].Name+", "+living[1].Name)
		case len(living) == 1 && rival != nil && !different[rival.ID]:
			e.add(IDElsewhere, o.ID, id+": "+o.Name+", and elsewhere "+rival.Name)
		case len(different) > 1:
			e.add(ReusedID, o.ID, o.called())
		}
		if ours, ok := e.given[id]; ok && !different[ours] {
			e.add(TakenID, o.ID, o.called())
		}
	}
}

// cycles finds sub-techniques that are, by their parents, below themselves.
func (e *examiner) cycles() {
	byID := map[string]*Object{}
	for _, o := range e.all {
		byID[o.ID] = o
	}
	called := func(id string) string {
		if o := byID[id]; o != nil {
			return o.Label()
		}
		return id
	}
	const onPath, done = 1, 2
	state, place := map[string]int{}, map[string]int{}
	for _, start := range sortedKeys(e.parents) {
		if state[start] != 0 {
			continue
		}
		// Without recursion: a file can have a chain of any length.
		path, next := []string{start}, map[string]int{}
		state[start], place[start] = onPath, 0
		for len(path) > 0 {
			at := path[len(path)-1]
			if next[at] == len(e.parents[at]) {
				state[at] = done
				path = path[:len(path)-1]
				continue
			}
			parent := e.parents[at][next[at]]
			next[at]++
			switch state[parent] {
			case 0:
				state[parent], place[parent] = onPath, len(path)
				path = append(path, parent)
			case onPath:
				round := path[place[parent]:]
				names := make([]string, 0, 4)
				for _, id := range round[:min(len(round), 3)] {
					names = append(names, called(id))
				}
				if len(round) > 3 {
					names = append(names, "…")
				}
				e.add(SubtechniqueCycle, parent, strings.Join(append(names, called(parent)), " → "))
			}
		}
	}
}

// called is how an example names an object.
func (o *Object) called() string {
	switch {
	case o.Type == attack.TypeRelationship:
		return o.Kind + " " + o.ID
	case o.Name == "":
		return o.Label()
	}
	return o.Label() + " " + o.Name
}

// unresolved lists the citations that no reference explains.
func (o *Object) unresolved() []string {
	cited := markdown.Citations(o.Description)
	if len(cited) == 0 {
		return nil
	}
	known := make(map[string]bool, len(o.References))
	for _, r := range o.References {
		known[r.SourceName] = true
	}
	return slices.DeleteFunc(cited, func(source string) bool { return known[source] })
}

// references gives the values of all keys that end in _ref or _refs, at any
// depth. It works on the bytes because all of a file goes through it: within
// a string a quote is escaped, so what follows can only be the end of a key.
func references(raw []byte) func(yield func(id []byte) bool) {
	return func(yield func([]byte) bool) {
		for {
			i := bytes.Index(raw, []byte("_ref"))
			if i < 0 {
				return
			}
			raw = raw[i+len("_ref"):]
			var list bool
			switch {
			case bytes.HasPrefix(raw, []byte(`":"`)):
				raw = raw[len(`":`):]
			case bytes.HasPrefix(raw, []byte(`s":["`)):
				raw, list = raw[len(`s":[`):], true
			default:
				continue
			}
			for len(raw) > 1 && raw[0] == '"' {
				end := bytes.IndexByte(raw[1:], '"') + 1
				if end <= 0 || !yield(raw[1:end]) {
					return
				}
				if raw = raw[end+1:]; list && len(raw) > 0 && raw[0] == ',' {
					raw = raw[1:]
				} else {
					break
				}
			}
		}
	}
}

// acting are the elements of HTML that do or load something.
var acting = map[string]bool{
	"script": true, "iframe": true, "object": true, "embed": true, "svg": true, "math": true, "style": true, "link": true, "meta": true,
	"base": true, "form": true, "img": true, "video": true, "audio": true, "applet": true, "frame": true, "frameset": true,
}

// active says whether an object's bytes have an element of HTML that acts.
func active(raw []byte) bool {
	return opens(raw, []byte("<")) || opens(raw, []byte(`\u003c`)) || opens(raw, []byte(`\u003C`))
}

func opens(raw, bracket []byte) bool {
	for {
		i := bytes.Index(raw, bracket)
		if i < 0 {
			return false
		}
		raw = raw[i+len(bracket):]
		n := 0
		for n < len(raw) && n < len("frameset")+1 && (raw[n]|0x20 >= 'a' && raw[n]|0x20 <= 'z') {
			n++
		}
		if acting[strings.ToLower(string(raw[:n]))] {
			return true
		}
	}
}
