package review

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/check"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// Codes of findings on what somebody calls an object.
const (
	CodeUnknownName   = "unknown_name"
	CodeAmbiguousName = "ambiguous_name"
	CodeOtherName     = "id_and_name_differ"
	CodeReplaced      = "replaced"
)

// maxCandidates is how many objects are told that somebody may have meant.
const maxCandidates = 5

// maxLikely is for how many different texts that name nothing it is told what
// they may be: that takes a search.
const maxLikely = 200

// callable is one object that people name in words.
type callable struct {
	id, label string
	name      string // that of a sub-technique as Parent: Name
	called    []string
	retired   bool
}

// spelled says whether the object is called so, capitals aside.
func (c callable) spelled(name string) bool {
	return slices.ContainsFunc(c.called, func(one string) bool { return strings.EqualFold(one, name) })
}

func (c callable) String() string { return strings.TrimSpace(c.label + " " + c.name) }

// namer finds the objects of some types, in a domain and in open proposals, by
// what people call them. It is made for one sheet and used by one goroutine.
type namer struct {
	now    *taxonomy.Snapshot
	domain string
	what   string // what is looked for, as people call it
	types  []string
	byID   map[string]callable
	byName map[string][]callable // by letters and digits
	byNick map[string][]callable // by other names
	tried  map[string]meant
	asked  int // how often it was told what a text may be
}

// meant is the object that a text names, and what there is to say about it.
type meant struct {
	object callable
	checks []Check // without their field
}

func newNamer(now *taxonomy.Snapshot, domain string, f attack.Field, pending []check.Pending) *namer {
	n := &namer{now: now, domain: domain, what: strings.ToLower(f.Label), types: f.Refers, byID: map[string]callable{}, byName: map[string][]callable{},
		byNick: map[string][]callable{}, tried: map[string]meant{}}
	for _, o := range now.Objects(domain) {
		if own, ok := now.InDomain(domain, o.ID); !ok || own != o || !slices.Contains(f.Refers, o.Type) {
			continue
		}
		c := callable{id: o.ID, label: o.ATTACK, name: o.Name, called: slices.Concat([]string{o.Name}, o.Aliases, o.MitreAliases), retired: !o.Live()}
		if parent, ok := now.Parent(o.ID); ok && o.Subtechnique {
			c.name = parent.Name + ": " + o.Name
			c.called = append(c.called, c.name)
		}
		n.add(c)
	}
	for _, one := range pending {
		if form, ok := attack.FormOf(one.Kind); ok && form.Action == attack.Add && slices.Contains(f.Refers, form.Type) {
			n.add(callable{id: one.STIXID, label: one.Label, name: one.Name, called: []string{one.Name}})
		}
	}
	return n
}

func (n *namer) add(c callable) {
	for _, id := range []string{strings.ToLower(c.id), strings.ToLower(c.label)} {
		if old, ok := n.byID[id]; id != "" && (!ok || old.retired) {
			n.byID[id] = c
		}
	}
	for i, name := range c.called {
		index := n.byName
		if i > 0 && name != c.name {
			index = n.byNick
		}
		k := bare(name)
		if same := func(one callable) bool { return one.id == c.id }; k != "" && !slices.ContainsFunc(index[k], same) {
			index[k] = append(index[k], c)
		}
	}
}

// bare is what of a name is compared: APT 29 is APT29.
func bare(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// find says which object a text means: one of its ids, alone or beside its
// name, else a name, else another name of it. What lives goes before what does
// not, and what is spelled the same before what only reads so.
func (n *namer) find(text string) meant {
	text = strings.Join(strings.Fields(text), " ")
	m, ok := n.tried[text]
	if !ok {
		m = n.look(text)
		n.tried[text] = m
	}
	return m
}

func (n *namer) look(text string) meant {
	if c, ok := n.byID[strings.ToLower(text)]; ok {
		return n.replaced(c)
	}
	for _, retired := range []bool{false, true} {
		for _, index := range []map[string][]callable{n.byName, n.byNick} {
			list := keep(index[bare(text)], func(c callable) bool { return c.retired == retired })
			if same := keep(list, func(c callable) bool { return c.spelled(text) }); len(same) > 0 {
				list = same
			}
			if len(list) > 1 {
				return said(check.Error, CodeAmbiguousName, "%.80q can be %s. Write the id.", text, told(list))
			}
			if len(list) == 1 {
				return n.replaced(list[0])
			}
		}
	}
	if m, ok := n.within(text); ok {
		return m
	}
	return n.unknown(text)
}

// within looks for an id among the words of a text, as in T1059.001: PowerShell
// or in an address of ATT&CK's site, and whether the other words say the same.
func (n *namer) within(text string) (meant, bool) {
	cut := func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("()[]{}:,;|/–—", r) }
	var found []callable
	rest := text
	words := strings.FieldsFunc(text, cut)
	for i, word := range words {
		c, ok := n.byID[strings.ToLower(word)]
		if sub, more := n.byID[strings.ToLower(word)+"."+next(words, i)]; ok && more && strings.Contains(text, word+"/"+next(words, i)) {
			c = sub // as in techniques/T1059/001
		}
		if ok && !slices.ContainsFunc(found, func(one callable) bool { return one.id == c.id }) {
			found = append(found, c)
			rest = strings.Replace(rest, word, "", 1)
		}
	}
	if len(found) > 1 {
		return said(check.Error, CodeAmbiguousName, "%.80q names %s. Write one row for each.", text, told(found)), true
	}
	if len(found) == 0 {
		return meant{}, false
	}
	m := n.replaced(found[0])
	name := bare(rest)
	same := func(one string) bool { return bare(one) == name }
	if name != "" && !strings.Contains(text, "://") && !slices.ContainsFunc(found[0].called, same) {
		m.checks = append(m.checks, finding(check.Warning, CodeOtherName, "%s is called %s. Look whether the id is right.", found[0].label, found[0].name))
	}
	return m, true
}

func next(words []string, i int) string {
	if i+1 < len(words) {
		return words[i+1]
	}
	return ""
}

// unknown says that there is no such object, and which there are.
func (n *namer) unknown(text string) meant {
	if o, ok := n.now.Object(strings.ToUpper(text)); ok {
		if !slices.Contains(n.types, o.Type) {
			return said(check.Error, check.CodeWrongType, "%.80q is %s, which is of the type %s: not what is asked for (%s).", text, o.Name, o.Type, n.what)
		}
		return said(check.Error, check.CodeElsewhere, "%.80q is %s, which is not in the domain of this workshop.", text, o.Name)
	}
	if strings.ContainsRune(text, ' ') || !attack.IsID(strings.ToUpper(text)) {
		if likely := n.likely(text); likely != "" {
			return said(check.Error, CodeUnknownName, "There is no %.80q (%s). It may be %s.", text, n.what, likely)
		}
	}
	return said(check.Error, CodeUnknownName, "There is no %.80q (%s) in this domain.", text, n.what)
}

// likely names the objects that are called nearly so.
func (n *namer) likely(text string) string {
	var list []callable
	if n.asked++; n.asked > maxLikely {
		return ""
	}
	for _, t := range n.types {
		for _, one := range n.now.Similar(taxonomy.Draft{Name: text, Type: t, Domain: n.domain, Limit: maxCandidates}) {
			if c, ok := n.byID[strings.ToLower(one.STIXID)]; ok && one.Named && !c.retired {
				list = append(list, c)
			}
		}
	}
	return told(list)
}

// replaced tells what came instead of an object that lives no more.
func (n *namer) replaced(c callable) meant {
	m := meant{object: c}
	if !c.retired {
		return m
	}
	if next := successor(n.now, n.domain, c.id); next != nil {
		m.checks = append(m.checks, finding(check.Hint, CodeReplaced, "%s %s came instead of it.", next.AttackID, next.Name))
	}
	return m
}

func keep(list []callable, fits func(callable) bool) []callable {
	var some []callable
	for _, c := range list {
		if fits(c) {
			some = append(some, c)
		}
	}
	return some
}

// told lists objects for a sentence.
func told(list []callable) string {
	var texts []string
	for _, c := range list[:min(len(list), maxCandidates)] {
		texts = append(texts, c.String())
	}
	if more := len(list) - len(texts); more > 0 {
		texts = append(texts, fmt.Sprintf("%d others", more))
	}
	return strings.Join(texts, " or ")
}

func said(level check.Level, code, message string, args ...any) meant {
	return meant{checks: []Check{finding(level, code, message, args...)}}
}

func finding(level check.Level, code, message string, args ...any) Check {
	return Check{Level: level, Code: code, Message: fmt.Sprintf(message, args...)}
}
