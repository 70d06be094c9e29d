package survey

import (
	"fmt"
	"strings"
	"time"
)

// Mark is where something stands in the file it was read from; zero when it was not read from a file.
type Mark struct {
	Line   int `json:"line,omitempty"`   // from 1
	Column int `json:"column,omitempty"` // from 1
}

// Fault is one thing that is wrong with a flow or a survey.
type Fault struct {
	Mark
	Step    string `json:"step,omitempty"` // the step or question it is about, "" for the whole file
	Message Words  `json:"message"`        // what is wrong
	Remedy  Words  `json:"remedy"`         // what to do about it
	Warning bool   `json:"warning,omitempty"`
}

func (f Fault) String() string {
	level := ""
	if f.Warning {
		level = "warning: "
	}
	return fmt.Sprintf("%d:%d: %s%s (%s)", f.Line, f.Column, level, f.Message, f.Remedy)
}

// Duration writes a duration as people write it in a file: 1m, not 1m0s.
func Duration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
