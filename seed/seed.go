// Package seed holds what a new installation starts with: the built-in index
// of ATT&CK, which is facts without text, and the demo workshop.
package seed

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path"

	"github.com/atelier-attack/atelier/review/taxonomy"
	"github.com/atelier-attack/atelier/seed/index"
)

// The indexes are made by seed/generate; make index runs it.
//
//go:embed facts/*.index.gz
var facts embed.FS

// Indexes names the built-in indexes.
func Indexes() []string {
	names, err := fs.Glob(facts, "facts/*.index.gz")
	if err != nil {
		panic(err) // the pattern is a constant and valid
	}
	return names
}

// Bundle unpacks a built-in index.
func Bundle(name string) ([]byte, error) {
	f, err := facts.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open a built-in index: %w", err)
	}
	defer f.Close() // it is in memory: closing cannot fail
	return index.Read(f)
}

// LoadIndexes loads the built-in indexes into a taxonomy that has no content
// of people yet; one that holds an imported file or a release is left alone,
// and so is the index of an earlier program.
func LoadIndexes(ctx context.Context, t *taxonomy.Taxonomy) error {
	there := map[string]bool{}
	for _, d := range t.Snapshot().Domains() {
		if d.Source != taxonomy.FromIndex {
			return nil
		}
		there[d.ID] = true
	}
	for _, name := range Indexes() {
		if there[domainOf(name)] {
			continue
		}
		bundle, err := Bundle(name)
		if err != nil {
			return err
		}
		in := taxonomy.Source{Name: path.Base(name), Reader: bytes.NewReader(bundle), Size: int64(len(bundle)), Kind: taxonomy.FromIndex}
		if _, err := t.Import(ctx, in, nil); err != nil {
			return fmt.Errorf("load the built-in index %s: %w", path.Base(name), err)
		}
	}
	return nil
}

// domainOf reads the domain from the name of an index, such as
// enterprise-attack-18.1.index.gz.
func domainOf(name string) string {
	base := path.Base(name)
	for i := len(base) - 1; i > 0; i-- {
		if base[i] == '-' {
			return base[:i]
		}
	}
	return base
}
