// Package config reads Hotline's settings: one YAML file, environment variables over it, and every fault reported at
// once with its line. Each package owns its own section and says what is wrong with it; this package knows only files,
// lines and the environment.
package config

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Fault is one thing that is wrong with the settings.
type Fault struct {
	Line    int    // 0 when it stands nowhere
	Field   string // e.g. web.addr
	Message string // with the remedy
}

// Faults is everything that is wrong with the settings of a file.
type Faults struct {
	File   string
	Faults []Fault
}

func (f *Faults) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d faults in the settings", len(f.Faults))
	for _, x := range f.Faults {
		b.WriteString("\n  ")
		b.WriteString(f.File)
		if x.Line > 0 {
			fmt.Fprintf(&b, ":%d", x.Line)
		}
		fmt.Fprintf(&b, ": %s: %s", x.Field, x.Message)
	}
	return b.String()
}

// Checker is a section of the settings. Each fault is "field: what is wrong and what to do".
type Checker interface{ Check() []string }

// Prefix begins the names of the environment variables: HOTLINE_WEB_ADDR is web.addr.
const Prefix = "HOTLINE"

// Load fills the struct that v points to from the file (none when path is empty) and the environment, then checks the
// sections named, all of them when none is: a process needs only its own part to be right. The error is a *Faults when
// the settings are wrong.
func Load(path string, v any, environ []string, sections ...string) error {
	faults := &Faults{File: path}
	var lines *ast.File
	if path != "" {
		raw, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read settings: %w", err)
		}
		if lines, err = parser.ParseBytes(raw, 0); err != nil {
			faults.Faults = append(faults.Faults, yamlFault(err))
			return faults
		}
		if err := yaml.UnmarshalWithOptions(raw, v, yaml.Strict()); err != nil {
			faults.Faults = append(faults.Faults, yamlFault(err))
			return faults
		}
	} else {
		faults.File = "(environment)"
	}
	faults.Faults = append(faults.Faults, overrides(reflect.ValueOf(v).Elem(), Prefix, "", environ)...)
	faults.Faults = append(faults.Faults, check(reflect.ValueOf(v).Elem(), "", lines, sections)...)
	if len(faults.Faults) > 0 {
		sort.SliceStable(faults.Faults, func(i, j int) bool { return faults.Faults[i].Line < faults.Faults[j].Line })
		return faults
	}
	return nil
}

func yamlFault(err error) Fault {
	var positioned yaml.Error
	if errors.As(err, &positioned) && positioned.GetToken() != nil {
		tok := positioned.GetToken()
		return Fault{Line: tok.Position.Line, Field: tok.Value, Message: positioned.GetMessage() + "; see docs/operations.md for the fields there are"}
	}
	return Fault{Field: "file", Message: err.Error()}
}

// check asks each section what is wrong with it.
func check(v reflect.Value, section string, lines *ast.File, only []string) (faults []Fault) {
	for i := range v.NumField() {
		f := v.Field(i)
		name := join(section, tag(v.Type().Field(i)))
		if section == "" && len(only) > 0 && !slices.Contains(only, name) {
			continue
		}
		if c, ok := f.Interface().(Checker); ok {
			for _, s := range c.Check() {
				field, message, found := strings.Cut(s, ": ")
				if !found {
					field, message = "", s
				}
				full := join(name, field)
				faults = append(faults, Fault{Line: lineOf(lines, full), Field: full, Message: message})
			}
			continue
		}
		if f.Kind() == reflect.Struct {
			faults = append(faults, check(f, name, lines, nil)...)
		}
	}
	return faults
}

func join(section, field string) string {
	switch {
	case section == "":
		return field
	case field == "":
		return section
	}
	return section + "." + field
}

func tag(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
	if name == "" {
		name = strings.ToLower(f.Name)
	}
	return name
}

// lineOf is the line of a field, or of the nearest section around it, 0 when none stands in the file.
func lineOf(file *ast.File, field string) int {
	if file == nil {
		return 0
	}
	for field != "" {
		p, err := yaml.PathString("$." + field)
		if err == nil {
			if node, err := p.FilterFile(file); err == nil && node != nil && node.GetToken() != nil {
				line := node.GetToken().Position.Line
				if node.Type() == ast.MappingType || node.Type() == ast.MappingValueType {
					line = max(1, line-1)
				}
				return line
			}
		}
		i := strings.LastIndexByte(field, '.')
		if i < 0 {
			return 0
		}
		field = field[:i]
	}
	return 0
}

// overrides sets the fields that an environment variable names.
func overrides(v reflect.Value, prefix, section string, environ []string) (faults []Fault) {
	for i := range v.NumField() {
		f, name := v.Field(i), tag(v.Type().Field(i))
		key := prefix + "_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
		if f.Kind() == reflect.Struct {
			faults = append(faults, overrides(f, key, join(section, name), environ)...)
			continue
		}
		value, ok := lookup(environ, key)
		if !ok {
			continue
		}
		if err := set(f, value); err != nil {
			faults = append(faults, Fault{Field: join(section, name), Message: fmt.Sprintf("environment variable %s: %v", key, err)})
		}
	}
	return faults
}

func lookup(environ []string, key string) (string, bool) {
	for _, e := range environ {
		if value, ok := strings.CutPrefix(e, key+"="); ok {
			return value, true
		}
	}
	return "", false
}

func set(f reflect.Value, value string) error {
	if f.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(value)
		if err != nil {
			return fmt.Errorf("%q is no duration such as 30s", value)
		}
		f.SetInt(int64(d))
		return nil
	}
	switch f.Kind() {
	case reflect.String:
		f.SetString(value)
	case reflect.Bool:
		b, err := strconv.ParseBool(value)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", value)
		}
		f.SetBool(b)
	case reflect.Int, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(value, 10, f.Type().Bits())
		if err != nil {
			return fmt.Errorf("%q is no whole number, or too large", value)
		}
		f.SetInt(n)
	case reflect.Slice:
		if f.Type().Elem().Kind() != reflect.String {
			return errors.New("this field can only be set in the file")
		}
		f.Set(reflect.ValueOf(strings.Split(value, ",")))
	default:
		return errors.New("this field can only be set in the file")
	}
	return nil
}
