package attack

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Ref is one object that a property names.
type Ref struct {
	Path string // of the property; a dot leads into an object, be it in a list or not
	ID   string
}

// Refs lists the ids of all objects that an object refers to, at any depth,
// each once, in order: the values of all keys that end in _ref or _refs. What
// a collection lists as its contents is not among them.
func Refs(raw []byte) ([]string, error) {
	all, err := refsIn(raw)
	seen := map[string]bool{}
	var ids []string
	for _, r := range all {
		if !seen[r.ID] {
			seen[r.ID] = true
			ids = append(ids, r.ID)
		}
	}
	return ids, err
}

// refsIn lists references with the properties that they stand in, each once.
func refsIn(raw []byte) ([]Ref, error) {
	r := refs{Decoder: jsontext.NewDecoder(bytes.NewReader(raw), jsontext.AllowDuplicateNames(true)), seen: map[Ref]bool{}}
	if err := r.value("", false); err != nil {
		return nil, fmt.Errorf("look for references: %w", err)
	}
	return r.found, nil
}

// findRefs fills Refs. Few objects have any, and the others cost a look for
// the word only.
func (o *Object) findRefs() error {
	for _, id := range o.TacticRefs {
		o.Refs = append(o.Refs, Ref{"tactic_refs", id})
	}
	if !bytes.Contains(o.Rest, []byte("_ref")) {
		return nil
	}
	found, err := refsIn(o.Rest)
	if err != nil {
		return fmt.Errorf("%s %s: %w", o.Type, o.ID, err)
	}
	t, _ := TypeOfName(o.Type)
	for _, r := range found {
		for _, e := range t.Embedded {
			if e.Path == r.Path {
				r.Path = e.Path // the same text for all
			}
		}
		o.Refs = append(o.Refs, r)
	}
	return nil
}

type refs struct {
	*jsontext.Decoder
	found []Ref
	seen  map[Ref]bool
}

// value reads one value; wanted says whether text in it is a reference.
func (r *refs) value(path string, wanted bool) error {
	switch r.PeekKind() {
	case '{':
		return r.members(path)
	case '[':
		if _, err := r.ReadToken(); err != nil {
			return err
		}
		for r.PeekKind() != ']' {
			if err := r.value(path, wanted); err != nil {
				return err
			}
		}
		_, err := r.ReadToken()
		return err
	case '"':
		if !wanted {
			return r.SkipValue()
		}
		token, err := r.ReadToken()
		if err != nil {
			return err
		}
		if ref := (Ref{path, token.String()}); !r.seen[ref] && IsSTIXID(ref.ID) {
			r.seen[ref] = true
			r.found = append(r.found, ref)
		}
		return nil
	case 0:
		_, err := r.ReadToken()
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	return r.SkipValue()
}

func (r *refs) members(path string) error {
	if _, err := r.ReadToken(); err != nil {
		return err
	}
	if path != "" {
		path += "."
	}
	for r.PeekKind() != '}' {
		key, err := r.ReadToken()
		if err != nil {
			return err
		}
		name := key.String()
		if name == "x_mitre_contents" {
			err = r.SkipValue()
		} else {
			err = r.value(path+name, strings.HasSuffix(name, "_ref") || strings.HasSuffix(name, "_refs"))
		}
		if err != nil {
			return err
		}
	}
	_, err := r.ReadToken()
	return err
}
