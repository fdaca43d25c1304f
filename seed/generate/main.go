// Command generate makes the built-in indexes from MITRE's own files:
//
//	go run ./seed/generate --output seed/facts enterprise-attack-18.1.json.gz …
//
// Each file becomes an index of the same name.
package main

import (
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/atelier-attack/atelier/seed/index"
)

func main() {
	output := flag.String("output", "seed/facts", "folder of the indexes")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "generate: name MITRE's files, .json or .json.gz")
		os.Exit(2)
	}
	for _, path := range flag.Args() {
		if err := generate(path, *output); err != nil {
			fmt.Fprintf(os.Stderr, "generate: %s: %v\n", path, err)
			os.Exit(1)
		}
	}
}

func generate(path, folder string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var bundle io.Reader = f
	name, zipped := strings.CutSuffix(filepath.Base(path), ".gz")
	if zipped {
		if bundle, err = gzip.NewReader(f); err != nil {
			return err
		}
	}
	out, err := os.Create(filepath.Join(folder, strings.TrimSuffix(name, ".json")+".index.gz"))
	if err != nil {
		return err
	}
	return errors.Join(index.Write(out, bundle), out.Close())
}
