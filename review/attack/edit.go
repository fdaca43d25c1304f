package attack

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// members is a JSON object whose keys keep their order and whose values keep
// their bytes, so that what is not changed comes out as it came in.
type members []member

type member struct {
	key   string
	value jsontext.Value
}

// Member is one property of an object.
type Member struct {
	Name  string
	Value jsontext.Value
}

// Members lists the properties of an object, in order; none for another value.
func Members(raw jsontext.Value) []Member {
	if raw.Kind() != '{' {
		return nil
	}
	all, err := parseMembers(raw)
	if err != nil { // it was read before
		return nil
	}
	list := make([]Member, len(all))
	for i, m := range all {
		list[i] = Member{m.key, m.value}
	}
	return list
}

func parseMembers(raw []byte) (members, error) {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	if _, err := d.ReadToken(); err != nil {
		return nil, fmt.Errorf("read an object: %w", err)
	}
	var list members
	for d.PeekKind() != '}' {
		key, err := d.ReadToken()
		if err != nil {
			return nil, fmt.Errorf("read a key: %w", err)
		}
		name := key.String()
		value, err := d.ReadValue()
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		list = append(list, member{name, value.Clone()})
	}
	return list, nil
}

// set replaces a value in its place, or adds it at the end. What is empty is
// taken out: MITRE's data model refuses empty text and lists.
func (m *members) set(key string, value any) error {
	raw, err := json.Marshal(value, jsontext.EscapeForHTML(false))
	if err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	if s := string(raw); s == `""` || s == "[]" || s == "null" {
		m.remove(key)
		return nil
	}
	for i := range *m {
		if (*m)[i].key == key {
			(*m)[i].value = raw
			return nil
		}
	}
	*m = append(*m, member{key, raw})
	return nil
}

func (m *members) remove(key string) {
	for i := range *m {
		if (*m)[i].key == key {
			*m = append((*m)[:i], (*m)[i+1:]...)
			return
		}
	}
}

// heal takes out empty text and lists, old faults that MITRE's data model
// refuses and an object that is written anew does not keep.
func (m *members) heal() {
	*m = slices.DeleteFunc(*m, func(one member) bool { return blank(one.value) })
}

// blank says whether a value is an empty list, or text of nothing but space.
func blank(v jsontext.Value) bool {
	if v.Kind() != '"' {
		return string(v) == "[]"
	}
	text, err := jsontext.AppendUnquote(nil, v)
	return err == nil && len(bytes.TrimSpace(text)) == 0
}

func (m members) bytes() (jsontext.Value, error) {
	var out bytes.Buffer
	e := jsontext.NewEncoder(&out, jsontext.PreserveRawStrings(true))
	if err := e.WriteToken(jsontext.BeginObject); err != nil {
		return nil, err
	}
	for _, one := range m {
		if err := e.WriteToken(jsontext.String(one.key)); err != nil {
			return nil, err
		}
		if err := e.WriteValue(one.value); err != nil {
			return nil, fmt.Errorf("write %s: %w", one.key, err)
		}
	}
	if err := e.WriteToken(jsontext.EndObject); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}
