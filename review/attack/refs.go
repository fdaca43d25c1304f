package attack

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Refs lists the ids of all objects that an object refers to, at any depth,
// each once, in order: the values of all keys that end in _ref or _refs. What
// a collection lists as its contents is not among them.
func Refs(raw []byte) ([]string, error) {
	r := refs{Decoder: jsontext.NewDecoder(bytes.NewReader(raw)), seen: map[string]bool{}}
	if err := r.value(false); err != nil {
		return nil, fmt.Errorf("look for references: %w", err)
	}
	return r.found, nil
}

type refs struct {
	*jsontext.Decoder
	found []string
	seen  map[string]bool
}

// value reads one value; wanted says whether text in it is a reference.
func (r *refs) value(wanted bool) error {
	switch r.PeekKind() {
	case '{':
		return r.members()
	case '[':
		if _, err := r.ReadToken(); err != nil {
			return err
		}
		for r.PeekKind() != ']' {
			if err := r.value(wanted); err != nil {
				return err
			}
		}
		_, err := r.ReadToken()
		return err
	case '"':
		token, err := r.ReadToken()
		if err != nil {
			return err
		}
		if id := token.String(); wanted && !r.seen[id] && IsSTIXID(id) {
			r.seen[id] = true
			r.found = append(r.found, id)
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

func (r *refs) members() error {
	if _, err := r.ReadToken(); err != nil {
		return err
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
			err = r.value(strings.HasSuffix(name, "_ref") || strings.HasSuffix(name, "_refs"))
		}
		if err != nil {
			return err
		}
	}
	_, err := r.ReadToken()
	return err
}
