package attacktest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

// mostCopies is how many copies have ATT&CK ids that differ: their first digit
// is 0 or 1, and each copy adds 2.
const mostCopies = 4

// common are the types of what all objects of a domain point to.
func common() []string {
	return []string{"x-mitre-collection", "x-mitre-matrix", "x-mitre-tactic", "identity", "marking-definition"}
}

// Renamed gives one of MITRE's files as another domain of the same size and
// kind, whose objects have ids of their own: it stands in for a domain whose
// file is not at hand.
func Renamed(t testing.TB, file, from, to string) []byte {
	t.Helper()
	return otherIDs(bytes.ReplaceAll(Unzipped(t, file), []byte(from), []byte(to)), mostCopies, nil)
}

// Multiplied gives a bundle with so many copies of what is in one of MITRE's
// files, each with STIX and ATT&CK ids of its own. What all objects point to,
// such as the tactics, is there once.
func Multiplied(t testing.TB, file string, times int) []byte {
	t.Helper()
	if times < 1 || times > mostCopies {
		t.Fatalf("%d copies, of at most %d", times, mostCopies)
	}
	var bundle struct {
		ID      string            `json:"id"`
		Objects []json.RawMessage `json:"objects"`
	}
	if err := json.Unmarshal(Unzipped(t, file), &bundle); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, `{"type":"bundle","id":%q,"objects":[`, bundle.ID)
	for n := range times {
		for i, raw := range bundle.Objects {
			var object struct{ Type string }
			if err := json.Unmarshal(raw, &object); err != nil {
				t.Fatal(err)
			}
			if n > 0 && slices.Contains(common(), object.Type) {
				continue
			}
			if n+i > 0 {
				out.WriteString(",\n")
			}
			out.Write(otherIDs(raw, n, common()))
		}
	}
	out.WriteString("]}")
	return out.Bytes()
}

// otherIDs gives text whose ids are those of the n-th copy, but for the types
// that are named. The 0th copy is the text itself.
func otherIDs(text []byte, n int, but []string) []byte {
	text = bytes.Clone(text)
	for at := 0; ; {
		found := bytes.Index(text[at:], []byte("--"))
		if found < 0 {
			break
		}
		name, uuid := text[:at+found], text[at+found+2:]
		at += found + 2
		if len(uuid) > 9 && uuid[8] == '-' && !slices.ContainsFunc(but, func(t string) bool { return bytes.HasSuffix(name, []byte(t)) }) {
			uuid[0] = hex(uuid[0], n)
		}
	}
	key := []byte(`"external_id"`)
	for at := bytes.Index(text, key); at >= 0; {
		at += len(key)
		value := text[at+bytes.IndexByte(text[at:], '"')+1:]
		digit := bytes.IndexFunc(value, func(r rune) bool { return r < 'A' || r > 'Z' })
		if digit > 0 && (value[digit] == '0' || value[digit] == '1') {
			value[digit] += byte(2 * n)
		}
		next := bytes.Index(text[at:], key)
		if next < 0 {
			break
		}
		at += next
	}
	return text
}

// hex gives another digit for each copy.
func hex(digit byte, n int) byte {
	const digits = "0123456789abcdef"
	at := bytes.IndexByte([]byte(digits), digit)
	if at < 0 {
		return digit
	}
	return digits[at^n]
}
