package attack

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/atelier-attack/atelier/realtime/fault"
)

// Bundle is what a bundle says of itself.
type Bundle struct {
	ID          string
	SpecVersion string // only STIX 2.0 writes it here
	Objects     int
}

// maxText is the longest id or version that a bundle may have, in bytes.
const maxText = 1000

// Decode reads a STIX bundle, 2.0 or 2.1, object by object, and calls each
// with the object's own bytes, white space between its tokens aside. The bytes
// belong to each. Duplicate keys, invalid UTF-8, nesting deeper than 10,000
// and text behind the end are refused; the fault says where.
func Decode(r io.Reader, each func(raw jsontext.Value) error) (Bundle, error) {
	part := &partReader{Reader: r}
	d := decoder{Decoder: jsontext.NewDecoder(part), part: part, each: each}
	if err := d.bundle(); err != nil {
		return Bundle{}, d.explain(err)
	}
	return d.found, nil
}

// maxPart is how large one object or one other part of a bundle may be, in
// bytes: a decoder keeps what it has not finished in memory, and reads up to
// twice as much. The largest of ATT&CK, the list of a collection, has about
// 4 MB.
const maxPart = 16 << 20

// partReader refuses a part that does not end.
type partReader struct {
	io.Reader
	read int // since the last part
}

func (p *partReader) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if p.read += n; p.read > 2*maxPart {
		return 0, fault.New(fault.TooLarge, "A part of the bundle is larger than %d MB.", maxPart>>20)
	}
	return n, err
}

type decoder struct {
	*jsontext.Decoder
	part     *partReader
	each     func(jsontext.Value) error
	found    Bundle
	isBundle bool
	objects  bool
}

// errEach marks an error of the caller's, which is passed on as it is.
type errEach struct{ error }

func (d *decoder) bundle() error {
	if d.PeekKind() != '{' {
		if _, err := d.ReadToken(); err != nil {
			return err
		}
		return fault.New(fault.Invalid, "This is not a STIX bundle: it must be one JSON object.")
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		key, err := d.ReadToken()
		if err != nil {
			return err
		}
		if err := d.member(key.String()); err != nil {
			return err
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	if _, err := d.ReadToken(); err != io.EOF {
		if err == nil {
			err = fault.New(fault.Invalid, "There is something behind the end of the bundle.")
		}
		return err
	}
	if !d.isBundle || !d.objects {
		return fault.New(fault.Invalid, `This is not a STIX bundle: it needs "type": "bundle" and "objects".`)
	}
	return nil
}

func (d *decoder) member(key string) error {
	switch key {
	case "type":
		text, err := d.text(key)
		if err == nil && text != "bundle" {
			err = fault.New(fault.Invalid, "This is not a STIX bundle but a %q.", text)
		}
		d.isBundle = true
		return err
	case "id":
		var err error
		d.found.ID, err = d.text(key)
		return err
	case "spec_version":
		var err error
		if d.found.SpecVersion, err = d.text(key); err != nil {
			return err
		}
		return knownSpec(d.found.SpecVersion)
	case "objects":
		d.objects = true
		return d.list()
	}
	return d.SkipValue()
}

func knownSpec(version string) error {
	if version != "2.0" && version != "2.1" {
		return fault.New(fault.Invalid, "The bundle is of STIX version %q; Atelier reads 2.0 and 2.1.", version)
	}
	return nil
}

func (d *decoder) text(key string) (string, error) {
	if d.PeekKind() != '"' {
		return "", fault.New(fault.Invalid, "The bundle's %q must be text.", key)
	}
	token, err := d.ReadToken()
	if err != nil {
		return "", err
	}
	if text := token.String(); len(text) <= maxText {
		return text, nil
	}
	return "", fault.New(fault.Invalid, "The bundle's %q is too long.", key)
}

func (d *decoder) list() error {
	if d.PeekKind() != '[' {
		return fault.New(fault.Invalid, `The bundle's "objects" must be a list.`)
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != ']' {
		value, err := d.ReadValue()
		if err != nil {
			return err
		}
		if value.Kind() != '{' {
			return fault.New(fault.Invalid, "Object %d of the bundle is not an object.", d.found.Objects+1)
		}
		raw := value.Clone()
		if err := raw.Compact(); err != nil {
			return fmt.Errorf("object %d: %w", d.found.Objects+1, err)
		}
		if err := d.each(raw); err != nil {
			return errEach{err}
		}
		d.found.Objects++
		d.part.read = 0
	}
	_, err := d.ReadToken()
	return err
}

// explain turns what the JSON decoder says into a sentence for a person.
func (d *decoder) explain(err error) error {
	var own errEach
	if errors.As(err, &own) {
		return own.error
	}
	var f *fault.Error
	if errors.As(err, &f) { // the decoder wraps what the reader says
		return f
	}
	where := fmt.Sprintf("near byte %d, in object %d", d.InputOffset(), d.found.Objects+1)
	var syntax *jsontext.SyntacticError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fault.New(fault.Invalid, "The file ends in the middle (%s). Was it copied whole?", where).Because(err)
	case errors.Is(err, jsontext.ErrDuplicateName):
		return fault.New(fault.Invalid, "A key stands twice in the same object (%s).", where).Because(err)
	case errors.As(err, &syntax):
		return fault.New(fault.Invalid, "This is not valid JSON (%s): %s.", where, syntax.Err).Because(err)
	}
	return fmt.Errorf("read the bundle %s: %w", where, err)
}
