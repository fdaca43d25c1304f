// Package frontend holds the built pages inside the program. Where Node did
// not build them, the folder is empty but for a note, and app/web shows a page
// that says how to build it.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:build
var build embed.FS

// Build gives the files of the frontend's build.
func Build() (fs.FS, error) { return fs.Sub(build, "build") }
