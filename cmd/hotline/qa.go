package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"text/tabwriter"

	"hotline/qa/asr"
	"hotline/qa/book"
	"hotline/qa/rule"
)

type qaCmd struct {
	Score qaScoreCmd `cmd:"" help:"Transcribe two-channel recordings (left caller, right agent) and judge them by the rules."`
	Bench qaBenchCmd `cmd:"" help:"Measure the rules on calls of which everything is known: what is found, what is right, what is missed."`
}

// modelFlags name a model for speech recognition.
type modelFlags struct {
	Model   string `help:"Model folder; the best one that is installed when not given."`
	VAD     string `name:"vad" help:"Silero's model that finds speech; silero_vad.onnx beside the model folder when not given."`
	Threads int    `help:"Threads of the model; 0 is all cores."`
}

// open makes the model ready.
func (m modelFlags) open(log *slog.Logger) (*asr.Local, error) {
	return asr.OpenLocal(asr.LocalConfig{Model: m.Model, VAD: m.VAD, Threads: m.Threads}, log)
}

type qaScoreCmd struct {
	modelFlags
	Book       string   `type:"existingfile" help:"Rule book (YAML); the one that is shipped when not given."`
	JSON       bool     `name:"json" help:"Print a line of JSON for each finding."`
	Transcript bool     `help:"Print what was said, too."`
	Files      []string `arg:"" name:"file" help:"FLAC or WAV files; others where ffmpeg is installed."`
}

// Run prints what the rules find in each file. A file that cannot be judged is told on standard error, and the others are
// judged all the same.
func (c qaScoreCmd) Run(ctx context.Context) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	file, rules, err := openBook(c.Book)
	if err != nil {
		return err
	}
	model, err := c.open(log)
	if err != nil {
		return err
	}
	defer model.Close()
	text := asr.NewText(nil, file.Phrases())
	failed := 0
	for _, path := range c.Files {
		t, err := transcribe(ctx, model, text, path)
		if err != nil {
			if errors.Is(err, asr.ErrUnavailable) || ctx.Err() != nil {
				return err
			}
			fmt.Fprintln(os.Stderr, "hotline:", err)
			failed++
			continue
		}
		if err := c.print(os.Stdout, path, t, rules.Judge(&t)); err != nil {
			return err
		}
	}
	if failed > 0 {
		return exitCode(1)
	}
	return nil
}

// openBook reads a rule book, or the one that is shipped when path is empty; the error names every fault and its line.
func openBook(path string) (book.File, *rule.Book, error) {
	file := book.Default()
	if path != "" {
		raw, err := os.ReadFile(path)
		if err != nil {
			return book.File{}, nil, err
		}
		var faults []book.Fault
		if file, faults = book.Parse(raw); len(faults) > 0 {
			var all []error
			for _, f := range faults {
				all = append(all, fmt.Errorf("%s: %w", path, f))
			}
			return book.File{}, nil, errors.Join(all...)
		}
	}
	rules, faults := rule.NewBook(file.Rules)
	if len(faults) > 0 {
		return book.File{}, nil, faults[0]
	}
	return file, rules, nil
}

func transcribe(ctx context.Context, model asr.Transcriber, text *asr.Text, path string) (rule.Transcript, error) {
	sound, err := asr.ReadFile(path)
	if err != nil {
		return rule.Transcript{}, err
	}
	raw, err := model.Transcribe(ctx, sound)
	if err != nil {
		return rule.Transcript{}, fmt.Errorf("%s: %w", path, err)
	}
	return text.Transcript(raw, nil), nil
}

// line is a finding as it is printed; times are seconds.
type line struct {
	File   string   `json:"file"`
	Rule   string   `json:"rule"`
	Phrase string   `json:"phrase"`
	Role   string   `json:"role"`
	Start  *float64 `json:"start"`
	End    *float64 `json:"end"`
	Match  string   `json:"match"`
}

func (c qaScoreCmd) print(w io.Writer, path string, t rule.Transcript, findings []rule.Finding) error {
	if c.Transcript {
		for _, u := range t.Utterances {
			fmt.Fprintf(os.Stderr, "%8.2f %-6s %s%s\n", float64(u.Start)/1000, u.Role, u.Text(), mark(u.Unclear))
		}
	}
	if c.JSON {
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		for _, f := range findings {
			l := line{File: path, Rule: f.Class, Phrase: f.Phrase, Role: string(f.Role), Start: seconds(f.Start), End: seconds(f.End), Match: string(f.Match)}
			if err := out.Encode(l); err != nil {
				return fmt.Errorf("print findings: %w", err)
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "%s (%.1f s)\n", path, float64(t.Length)/1000)
	for _, f := range findings {
		when := "not said"
		if f.Said() {
			when = fmt.Sprintf("%.2f-%.2f", float64(*f.Start)/1000, float64(*f.End)/1000)
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\n", when, f.Rule, f.Role, f.Phrase, f.Match)
	}
	return table.Flush()
}

func mark(unclear string) string {
	if unclear == "" {
		return ""
	}
	return "  [not understood: " + unclear + "]"
}

func seconds(ms *int) *float64 {
	if ms == nil {
		return nil
	}
	s := float64(*ms) / 1000
	return &s
}
