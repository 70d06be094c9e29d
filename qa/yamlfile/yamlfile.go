// Package yamlfile reads files that people write, so that every fault is told with its line.
package yamlfile

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Read decodes a file of one document into what into points to, and refuses fields that it doesn't have. The YAML parser panics on some input that is no YAML.
func Read(data []byte, into any) (tree *ast.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it is no YAML: %v", p)
		}
	}()
	tree, err = parser.ParseBytes(data, 0)
	if err != nil {
		return nil, err
	}
	if len(tree.Docs) != 1 || tree.Docs[0].Body == nil {
		return nil, errors.New("it is not one document")
	}
	return tree, yaml.UnmarshalWithOptions(data, into, yaml.Strict())
}

// LineOf is where the path is in the file, or the nearest that is there of what it lies in.
func LineOf(tree *ast.File, path string) int {
	for path != "" {
		if p, err := yaml.PathString("$." + path); err == nil {
			if node, err := p.FilterFile(tree); err == nil && node != nil {
				return node.GetToken().Position.Line
			}
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return 1
}

// Place takes the line out of an error of the YAML parser, which begins "[4:7] ".
func Place(err error) (line int, what string) {
	what, _, _ = strings.Cut(err.Error(), "\n")
	if at, rest, ok := strings.Cut(strings.TrimPrefix(what, "["), "] "); ok {
		number, _, _ := strings.Cut(at, ":")
		if n, err := strconv.Atoi(number); err == nil {
			return n, rest
		}
	}
	return 1, what
}
