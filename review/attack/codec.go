package attack

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// read gives the value of a field as its property has it. What has another
// shape than the field is left to the property: it reads as nothing, and stays
// as it is until somebody writes the field.
func (f Field) read(raw jsontext.Value) Value {
	if raw == nil {
		return Value{}
	}
	var v Value
	switch f.Kind {
	case List, ObjectRefs:
		if json.Unmarshal(raw, &v.List) != nil {
			return Value{}
		}
	case Rows:
		v.Rows = f.rows(raw)
	case Flag:
		if raw.Kind() == 't' {
			v.Text = "true"
		}
	case Day:
		v.Text, _, _ = strings.Cut(textOf(raw), "T")
	default:
		v.Text = textOf(raw)
	}
	return v
}

// rows reads the columns of a list of objects.
func (f Field) rows(raw jsontext.Value) []map[string]string {
	var list []jsontext.Value
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	var rows []map[string]string
	for _, one := range list {
		m, err := parseMembers(one)
		if err != nil || one.Kind() != '{' {
			continue
		}
		row := map[string]string{}
		for _, c := range f.Columns {
			if text := m.text(c.Property); text != "" {
				row[c.Property] = text
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// written gives what a property holds for a value; before is what it held. A
// row that stays keeps what is not among the columns.
func (f Field) written(v Value, before jsontext.Value) (any, error) {
	switch f.Kind {
	case List, ObjectRefs:
		return v.List, nil
	case Flag:
		return v.Text == "true", nil
	case Day:
		if v.Text == "" {
			return "", nil
		}
		day, err := time.Parse(time.DateOnly, v.Text)
		if err != nil {
			return nil, fmt.Errorf("%q is no day: %w", v.Text, err)
		}
		return FormatTime(day), nil
	case Rows:
		return f.writtenRows(v.Rows, before)
	default:
		return v.Text, nil
	}
}

func (f Field) writtenRows(rows []map[string]string, before jsontext.Value) (any, error) {
	var old []jsontext.Value
	if before != nil && json.Unmarshal(before, &old) != nil {
		old = nil
	}
	list := make([]jsontext.Value, len(rows))
	for i, row := range rows {
		j := slices.IndexFunc(old, func(raw jsontext.Value) bool {
			was := f.rows(slices.Concat([]byte("["), raw, []byte("]")))
			return len(was) == 1 && maps.Equal(was[0], row)
		})
		if j >= 0 {
			list[i] = old[j]
			continue
		}
		var m members
		for _, c := range f.Columns {
			if err := m.set(c.Property, row[c.Property]); err != nil {
				return nil, err
			}
		}
		var err error
		if list[i], err = m.bytes(); err != nil {
			return nil, err
		}
	}
	return list, nil
}
