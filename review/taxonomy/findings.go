package taxonomy

import (
	"cmp"
	"slices"

	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review/attack"
)

// Kinds of findings. Official ATT&CK has some of each; none stops an import.
const (
	DanglingReference  = "dangling_reference"          // an object that is referred to is not in the file
	DuplicateObject    = "duplicate_object"            // the same id more than once
	RevokedNoSuccessor = "revoked_without_replacement" // no revoked-by says what came instead
	UnresolvedCitation = "unresolved_citation"         // a citation that no reference of the object explains
	UnknownType        = "unknown_type"                // kept and shown by what it has
	RepeatedName       = "repeated_name"               // two live objects of a type share a name
)

// maxExamples is how many examples a finding lists.
const maxExamples = 5

// Finding is one kind of oddity in a file.
type Finding struct {
	Kind     string   `json:"kind"`
	Count    int      `json:"count"`
	Examples []string `json:"examples" doc:"the first few"`
}

// findings collects oddities by kind.
type findings map[string]*Finding

func (f findings) add(kind, example string) {
	one := f[kind]
	if one == nil {
		one = &Finding{Kind: kind}
		f[kind] = one
	}
	if one.Count++; len(one.Examples) < maxExamples {
		one.Examples = append(one.Examples, example)
	}
}

// examine looks for oddities in a whole file.
func examine(objects []*Object) []Finding {
	found := findings{}
	present, replaced, names := map[string]bool{}, map[string]bool{}, map[[2]string]bool{}
	for _, o := range objects {
		if present[o.ID] {
			found.add(DuplicateObject, o.Label())
		}
		present[o.ID] = true
		if o.Kind == attack.RevokedBy {
			replaced[o.Source] = true
		}
	}
	for _, o := range objects {
		for _, ref := range o.refersTo() {
			if !present[ref] {
				found.add(DanglingReference, o.Label()+" → "+ref)
			}
		}
		if o.Revoked && o.Type != attack.TypeRelationship && !replaced[o.ID] {
			found.add(RevokedNoSuccessor, o.Label())
		}
		for _, source := range o.unresolved() {
			found.add(UnresolvedCitation, o.Label()+": "+source)
		}
		if _, ok := attack.TypeOfName(o.Type); !ok {
			found.add(UnknownType, o.Type)
		}
		if key := [2]string{o.Type, o.Name}; o.Name != "" && o.Live() && o.ATTACK != "" {
			if names[key] {
				found.add(RepeatedName, o.Label()+" "+o.Name)
			}
			names[key] = true
		}
	}
	list := make([]Finding, 0, len(found))
	for _, f := range found {
		list = append(list, *f)
	}
	slices.SortFunc(list, func(a, b Finding) int { return cmp.Compare(a.Kind, b.Kind) })
	return list
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
