package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"hotline/internal/pg"
	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/ivr/flowstore"
	"hotline/ivr/rehearsal"
	"hotline/ivr/survey"
)

type flowWalkCmd struct {
	Config string `type:"existingfile" env:"HOTLINE_CONFIG" help:"Settings file; only for a NAME."`
	At     string `help:"What the clock says, e.g. 2026-11-29T21:30; now if not given." placeholder:"TIME"`
	Lang   string `help:"Language of the caller; the flow's first if not given."`
	Flow   string `arg:"" name:"file|name" help:"A file, or the name of a flow or survey that is live."`
}

// Run shows what a caller hears and reads what the caller does, a line each.
func (c flowWalkCmd) Run(ctx context.Context) error {
	file, live, err := c.read(ctx)
	if err != nil {
		return err
	}
	o := rehearsal.Options{At: time.Now(), Lang: ivr.Lang(c.Lang), Surveys: live.Surveys, Flows: live.Flows}
	if c.At != "" {
		zone := time.Local
		if file.Flow != nil {
			zone = file.Flow.Zone
		}
		if o.At, err = time.ParseInLocation("2006-01-02T15:04", c.At, zone); err != nil {
			return fmt.Errorf("--at: write it as 2026-11-29T21:30: %w", err)
		}
	}
	return walkOn(file, o, os.Stdin, os.Stdout)
}

// read finds the file, or what is live under the name, and what a flow may enter and hold.
func (c flowWalkCmd) read(ctx context.Context) (file flowfile.File, live flowfile.Set, err error) {
	if text, err := os.ReadFile(c.Flow); err == nil {
		file, faults := flowfile.Parse(text)
		for _, f := range faults {
			fmt.Fprintf(os.Stderr, "%s:%s\n", c.Flow, f)
		}
		if file.Flow == nil && file.Survey == nil {
			return file, live, errors.New("there is nothing to walk through")
		}
		return file, live, nil
	} else if !errors.Is(err, os.ErrNotExist) {
		return file, live, err
	}
	s, _, err := load(c.Config, "postgres")
	if err != nil {
		return file, live, fmt.Errorf("%s is no file, and without settings no name is known: %w", c.Flow, err)
	}
	pool, err := pg.Open(ctx, s.Postgres)
	if err != nil {
		return file, live, err
	}
	defer pool.Close()
	all, err := flowstore.NewStore(pool).Current(ctx)
	if err != nil {
		return file, live, err
	}
	live = flowstore.Live(all)
	if file.Flow = live.Flows[c.Flow]; file.Flow == nil {
		file.Survey = live.Surveys[c.Flow]
	}
	if file.Flow == nil && file.Survey == nil {
		return file, live, fmt.Errorf("there is no file and no live flow %q", c.Flow)
	}
	return file, live, nil
}

const walkHelp = `Keys: type them (1, 12#). Nothing: an empty line. h hangs up, b goes back a step, q ends.`

// walkOn walks until the call or the input is over. All inputs are given again each time: a walk keeps nothing.
func walkOn(file flowfile.File, o rehearsal.Options, in io.Reader, out io.Writer) error {
	var inputs []rehearsal.Input
	shown := 0
	lines := bufio.NewScanner(in)
	if _, err := fmt.Fprintln(out, walkHelp); err != nil {
		return err
	}
	for {
		var scene rehearsal.Scene
		if file.Flow != nil {
			scene = rehearsal.Flow(file.Flow, o, inputs)
		} else {
			scene = rehearsal.Survey(file.Survey, o, inputs)
		}
		if err := printScene(out, scene, shown); err != nil {
			return err
		}
		shown = len(scene.Lines)
		if scene.Over || !lines.Scan() {
			_, err := fmt.Fprintln(out, "path:", strings.Join(scene.Path, " "))
			return errors.Join(err, lines.Err())
		}
		switch line := strings.TrimSpace(lines.Text()); {
		case line == "q":
			return nil
		case line == "b" && len(inputs) > 0:
			inputs, shown = inputs[:len(inputs)-1], 0
		case line == "h":
			inputs = append(inputs, rehearsal.Input{HangUp: true})
		case line == "":
			inputs = append(inputs, rehearsal.Input{Silence: true})
		case strings.Trim(line, "0123456789*#") == "":
			inputs = append(inputs, rehearsal.Input{Digits: line})
		default:
			inputs = append(inputs, result(line))
		}
	}
}

// result reads "found status=shipped amount=300".
func result(line string) rehearsal.Input {
	words := strings.Fields(line)
	in := rehearsal.Input{Result: words[0], Values: map[string]string{}}
	for _, w := range words[1:] {
		if field, value, ok := strings.Cut(w, "="); ok {
			in.Values[field] = value
		}
	}
	return in
}

func printScene(out io.Writer, scene rehearsal.Scene, from int) error {
	var b strings.Builder
	for _, l := range scene.Lines[from:] {
		switch l.Kind {
		case rehearsal.LineStep:
			fmt.Fprintf(&b, "[%s]\n", l.Step)
		case rehearsal.LineSay:
			fmt.Fprintf(&b, "    %s\n", l.Text)
		default:
			fmt.Fprintf(&b, "  %s %s\n", l.Kind, l.Text)
		}
	}
	switch scene.Waits {
	case "":
	case rehearsal.ForDigits:
		fmt.Fprintf(&b, "%s, %s for keys> ", scene.Step, survey.Duration(scene.Wait))
	default:
		fmt.Fprintf(&b, "%s, %s: %s", scene.Step, scene.Waits, strings.Join(scene.Results, ", "))
		for _, f := range scene.Fields {
			fmt.Fprintf(&b, " %s=...", f)
		}
		b.WriteString("> ")
	}
	_, err := io.WriteString(out, b.String())
	return err
}
