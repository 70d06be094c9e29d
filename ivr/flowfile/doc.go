// Package flowfile reads and writes flows and surveys as YAML.
//
// Reading is strict: unknown keys, keys that are there twice, anchors, aliases, tags and a second document are faults, and
// every fault is reported at once with its line and column, so that whoever wrote the file corrects it in one go. The
// language is described in docs/flow-language.md.
package flowfile
