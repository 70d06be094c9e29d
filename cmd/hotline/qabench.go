package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"hotline/qa/asr"
	"hotline/qa/measure"
)

type qaBenchCmd struct {
	modelFlags
	Book string `type:"existingfile" help:"Rule book (YAML); the one that is shipped when not given."`
	Dir  string `arg:"" type:"existingdir" help:"Folder of NAME.flac or .wav with NAME.json, which says what is in it; see docs/quality.md."`
}

// Run transcribes and judges calls of which everything is known, and prints how much was found, how much of it is right, and
// what was missed.
func (c qaBenchCmd) Run(ctx context.Context) error {
	file, rules, err := openBook(c.Book)
	if err != nil {
		return err
	}
	files, err := asr.References(c.Dir)
	if err != nil {
		return err
	}
	model, err := c.open(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	defer model.Close()
	if err := model.Ready(ctx); err != nil { // loading is not what is measured
		return err
	}
	text, report := asr.NewText(nil, file.Phrases()), measure.NewReport()
	var sound, took time.Duration
	for i, path := range files {
		raw, err := os.ReadFile(strings.TrimSuffix(path, filepath.Ext(path)) + ".json")
		if err != nil {
			return err
		}
		truth, err := measure.ParseTruth(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		began := time.Now()
		t, err := transcribe(ctx, model, text, path)
		if err != nil {
			return err
		}
		findings := rules.Judge(&t)
		took += time.Since(began)
		sound += time.Duration(t.Length) * time.Millisecond
		report.Add(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), truth, findings)
		progress("%d of %d calls, %s", i+1, len(files), filepath.Base(path))
	}
	if report.Calls == 0 {
		return errors.New("there is no call in the folder")
	}
	return printMeasure(os.Stdout, model.Name(), report, sound, took)
}

func printMeasure(w io.Writer, model string, r *measure.Report, sound, took time.Duration) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "%d calls, %.0f s of sound, %s\n\n", r.Calls, sound.Seconds(), model)
	fmt.Fprintln(table, "what\tthere\tfound\twrong\trecall\tprecision\tworst place")
	for _, class := range measure.Classes {
		t := r.Things[class]
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%.3f\t%.3f\t%.2f s\n", class, t.There, t.Found, t.Wrong, t.Recall(), t.Precision(), t.Worst)
	}
	fmt.Fprintf(table, "must be said\t%d\t%d\t%d\t%.3f (accuracy)\t\t\n", r.Must.There, r.Must.Found, r.Must.There-r.Must.Found, r.Must.Recall())
	fmt.Fprintf(table, "\ntime for a second of sound\t%.3f s on %d cores\n", took.Seconds()/cmp.Or(sound.Seconds(), 1), runtime.NumCPU())
	for _, class := range measure.Classes {
		for _, m := range r.Things[class].Misses {
			fmt.Fprintf(table, "%s: %s\n", class, m)
		}
	}
	for _, m := range r.Must.Misses {
		fmt.Fprintf(table, "must be said: %s\n", m)
	}
	return table.Flush()
}
