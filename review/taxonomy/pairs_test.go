package taxonomy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/changes"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// oddity makes pairs of small states with all the oddities that diff_stix
// takes: any mix of dialects, versions that jump or are missing, times that
// differ by less than is seen, texts that are empty or broken into other lines,
// objects that are revoked by all kinds of things or nothing, and objects that
// are there twice.
type oddity struct {
	*rand.Rand
	domain string
}

func pick[T any](o oddity, from ...T) T { return from[o.IntN(len(from))] }

func (o oddity) chance(percent int) bool { return o.IntN(100) < percent }

func uid(kind string, n int) string { return fmt.Sprintf("%s--00000000-0000-4000-8000-%012x", kind, n) }

type object = map[string]any

// types are those that diff_stix compares, and one that it does not.
var types = []string{"attack-pattern", "malware", "tool", "intrusion-set", "campaign", "course-of-action", "x-mitre-asset",
	"x-mitre-data-source", "x-mitre-data-component", "x-mitre-detection-strategy", "x-mitre-analytic", "x-mitre-tactic"}

func (o oddity) newObject(kind string, n int) object {
	made := object{"type": kind, "id": uid(kind, n), "created": "2019-01-01T00:00:00.000Z", "modified": o.time(), "name": fmt.Sprintf("%s %d", kind, n),
		"x_mitre_domains": []string{o.domain}}
	o.change(made, "description", 70, o.anyText)
	o.change(made, "x_mitre_version", 80, o.anyVersion)
	o.change(made, "revoked", 40, func() any { return o.chance(25) })
	o.change(made, "x_mitre_deprecated", 40, func() any { return o.chance(25) })
	o.change(made, "external_references", 80, func() any {
		return []object{{"source_name": pick(o, "mitre-attack", "mitre-ics-attack", "other"), "external_id": fmt.Sprintf("T%04d", n)}}
	})
	switch kind {
	case "malware":
		made["labels"], made["is_family"] = []string{"malware"}, true
	case "tool":
		made["labels"] = []string{"tool"}
	}
	return made
}

func (o oddity) change(made object, key string, percent int, value func() any) {
	delete(made, key)
	if o.chance(percent) {
		made[key] = value()
	}
}

func (o oddity) time() string {
	return pick(o, "2020-01-01T00:00:00.000Z", "2020-01-01T00:00:00.000Z", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00.0005Z", "2020-01-01T00:00:00.001Z",
		"2020-01-01T00:00:00.001999Z", "2021-06-01T12:00:00.000Z")
}

func (o oddity) anyVersion() any {
	return pick(o, "1.0", "1.0", "1.1", "1.2", "1.9", "1.10", "2.0", "2.1", "3.0", "0.0", "0.1", "01.0", "1.01")
}

func (o oddity) anyText() any {
	return pick(o, "a b\nc", "a\nb c", "a\rb", "b\rb\ra", "a\r\rb", "a\r\nb", "", "x\u2028y", "x\u0085y", "x\vy", "x y")
}

// next changes a state: most stays, some goes, something comes.
func (o oddity) next(state []object) []object {
	var list []object
	for _, old := range state {
		if o.chance(8) {
			continue
		}
		now := maps.Clone(old)
		if o.chance(40) {
			now["modified"] = o.time()
		}
		for key, value := range map[string]func() any{"description": o.anyText, "x_mitre_version": o.anyVersion,
			"revoked": func() any { return o.chance(60) }, "x_mitre_deprecated": func() any { return o.chance(60) }} {
			if o.chance(30) && now["type"] != "relationship" {
				o.change(now, key, 85, value)
			}
		}
		if o.chance(10) {
			now["x_odd"] = o.IntN(9)
		}
		list = append(list, now)
	}
	for range 5 {
		list = append(list, o.newObject(pick(o, types...), 1000+o.IntN(1000)))
	}
	return list
}

// revocations says of some objects what they are revoked by.
func (o oddity) revocations(state []object) []object {
	var list []object
	for i, one := range state {
		id := one["id"].(string)
		for n := range o.IntN(3) {
			other := state[o.IntN(len(state))]
			target := pick(o, other["id"].(string), other["id"].(string), uid(one["type"].(string), 9999), id)
			for _, same := range state { // mostly something of its kind
				if o.chance(60) && same["type"] == one["type"] && same["id"] != id {
					target = same["id"].(string)
				}
			}
			r := object{"type": "relationship", "id": uid("relationship", 10*i+n), "created": "2019-01-01T00:00:00.000Z", "modified": o.time(),
				"relationship_type": pick(o, "revoked-by", "revoked-by", "revoked-by", "related-to"), "source_ref": id, "target_ref": target}
			o.change(r, "revoked", 20, func() any { return true })
			o.change(r, "x_mitre_deprecated", 20, func() any { return true })
			list = append(list, r)
		}
	}
	return list
}

// bundle writes a state in a dialect, in any order and with some objects twice.
func (o oddity) bundle(state []object, dialect string) []byte {
	var list []object
	for _, one := range state {
		written := maps.Clone(one)
		if dialect == "2.1" || dialect == "mixed" && o.chance(50) {
			written["spec_version"] = "2.1"
		}
		list = append(list, written)
		for o.chance(10) {
			twice := maps.Clone(written)
			if o.chance(60) {
				twice["modified"] = o.time()
			}
			if written["type"] != "relationship" {
				o.change(twice, "x_mitre_version", 80, o.anyVersion)
			}
			list = append(list, twice)
		}
	}
	o.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	whole := object{"type": "bundle", "id": uid("bundle", o.IntN(1<<30)), "objects": list}
	if dialect == "2.0" {
		whole["spec_version"] = "2.0"
	}
	raw, err := json.Marshal(whole)
	if err != nil {
		panic(err) // maps of texts and numbers
	}
	return raw
}

// TestCompareGeneratedPairs leaves pairs for diff_stix itself, which make
// conformance asks; here it holds that all sections occur, that no object is
// told of twice, and that the way back tells of as many.
func TestCompareGeneratedPairs(t *testing.T) {
	attacktest.Heavy(t)
	seen := map[string]int{}
	for i := range 40 {
		o := oddity{rand.New(rand.NewPCG(uint64(i), 1)), pick(oddity{Rand: rand.New(rand.NewPCG(uint64(i), 2))}, "enterprise-attack", "ics-attack", "other-attack")}
		var state []object
		for n := range 60 {
			state = append(state, o.newObject(pick(o, types...), n))
		}
		later := o.next(state)
		before := o.bundle(append(state, o.revocations(state)...), pick(o, "2.0", "2.1", "mixed"))
		after := o.bundle(append(later, o.revocations(later)...), pick(o, "2.0", "2.1", "mixed"))
		tax := taxonomy.New(storetest.Open(t), quiet())
		load(t, tax, "before", before)
		load(t, tax, "after", after)
		c := compared(t, tax, o.domain, before, after, fmt.Sprintf("generated-%02d", i))
		once := map[string]bool{}
		for _, s := range c.Sections {
			seen[s.Key] += len(s.Objects)
			for _, one := range s.Objects {
				if once[one.STIXID] {
					t.Errorf("pair %d tells twice of %s", i, one.STIXID)
				}
				once[one.STIXID] = true
			}
		}
	}
	for _, key := range changes.Keys() {
		if seen[key] < 10 {
			t.Errorf("%s occurs %d times", key, seen[key])
		}
	}
}
