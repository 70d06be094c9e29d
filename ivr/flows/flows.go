// Package flows is the flows and surveys that Hotline ships with: the line of the demo company 好日生活 and what its
// callers are asked after a call. A site puts its own next to them, or in their place.
package flows

import "embed"

// FS holds the shipped files, each a flow or a survey in YAML.
//
//go:embed *.yaml
var FS embed.FS
