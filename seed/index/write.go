package index

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/atelier-attack/atelier/review/attack"
)

// object is what is kept of one object.
type object struct {
	kind    string
	members map[string]jsontext.Value
}

// Write packs the facts of a bundle. The same bundle always gives the same
// text.
func Write(w io.Writer, bundle io.Reader) error {
	byType := map[string][]object{}
	found, err := attack.Decode(bundle, func(raw jsontext.Value) error {
		o, err := attack.Parse(raw)
		if err != nil {
			return err
		}
		members, err := facts(raw)
		byType[o.Type] = append(byType[o.Type], object{o.Type, members})
		return err
	})
	if err != nil {
		return err
	}
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("pack the index: %w", err)
	}
	text := bufio.NewWriter(z)
	if err := writeText(text, head{format, found.ID, found.Objects}, byType); err != nil {
		return err
	}
	if err := text.Flush(); err != nil {
		return fmt.Errorf("write the index: %w", err)
	}
	return z.Close()
}

func writeText(w *bufio.Writer, h head, byType map[string][]object) error {
	if err := line(w, h); err != nil {
		return err
	}
	types := slices.SortedFunc(maps.Keys(byType), func(a, b string) int {
		return cmp.Or(rank(a)-rank(b), cmp.Compare(a, b))
	})
	numbers, n := map[string]int{}, 0
	for _, t := range types {
		slices.SortStableFunc(byType[t], before)
		for _, o := range byType[t] {
			if _, ok := numbers[string(o.members["id"])]; !ok {
				numbers[string(o.members["id"])] = n
			}
			n++
		}
	}
	for _, t := range types {
		if err := writeSection(w, t, byType[t], numbers); err != nil {
			return err
		}
	}
	return nil
}

// rank puts the collection first, as in MITRE's files, and relationships last.
func rank(kind string) int {
	switch kind {
	case attack.TypeCollection:
		return 0
	case attack.TypeRelationship:
		return 2
	}
	return 1
}

// before is the order within a type; objects that lie beside each other have
// much in common.
func before(a, b object) int {
	for _, p := range []string{"relationship_type", "source_ref", "external_references", "id"} {
		if c := slices.Compare(a.members[p], b.members[p]); c != 0 {
			return c
		}
	}
	return 0
}

func writeSection(w *bufio.Writer, kind string, objects []object, numbers map[string]int) error {
	s := section{Type: kind, Count: len(objects)}
	for _, p := range properties() {
		if slices.ContainsFunc(objects, func(o object) bool { return o.members[p] != nil }) {
			s.Properties = append(s.Properties, p)
		}
	}
	if err := line(w, s); err != nil {
		return err
	}
	for _, p := range s.Properties {
		for i, o := range objects {
			value, err := shorten(p, o.members[p], numbers)
			if err != nil {
				return fmt.Errorf("%s of %s: %w", p, o.members["id"], err)
			}
			if i > 0 {
				value = append([]byte{'\t'}, value...)
			}
			if _, err := w.Write(value); err != nil {
				return fmt.Errorf("write the index: %w", err)
			}
		}
		if err := w.WriteByte('\n'); err != nil {
			return fmt.Errorf("write the index: %w", err)
		}
	}
	return nil
}

// shorten writes a value, the ids in it as numbers where they are known.
func shorten(property string, value jsontext.Value, numbers map[string]int) ([]byte, error) {
	if value == nil {
		return nil, nil
	}
	value = value.Clone()
	if err := value.Canonicalize(); err != nil {
		return nil, err
	}
	if !refers(property) {
		return value, nil
	}
	number := func(id jsontext.Value) jsontext.Value {
		if n, ok := numbers[string(id)]; ok {
			return jsontext.Value(strconv.Itoa(n))
		}
		return id
	}
	if value.Kind() != '[' {
		return number(value), nil
	}
	var list []jsontext.Value
	if err := json.Unmarshal(value, &list); err != nil {
		return nil, err
	}
	for i, id := range list {
		list[i] = number(id)
	}
	return json.Marshal(list)
}

func line(w *bufio.Writer, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode the index: %w", err)
	}
	if _, err := w.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("write the index: %w", err)
	}
	return nil
}
