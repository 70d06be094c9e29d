// Package ui holds the built browser app. The build writes it into dist; without a build, dist is empty and the server
// says how to build it.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files returns the built app: index.html and what it loads. It is empty when the app was not built.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		// The folder is there, or the embedding would not have compiled.
		panic(err)
	}
	return files
}
