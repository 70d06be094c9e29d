package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"text/tabwriter"

	"hotline/qa/asr"
	"hotline/qa/rule"
)

type asrCmd struct {
	Bench asrBenchCmd `cmd:"" help:"Measure how well and how fast models hear a folder of recordings whose words are known."`
}

type asrBenchCmd struct {
	VAD     string   `name:"vad" help:"Silero's model that finds speech; silero_vad.onnx beside the model folder when not given."`
	Model   []string `help:"Model folders to compare; the best one that is installed when none is given."`
	Threads int      `help:"Threads of a model; 0 is all cores."`
	Cost    float64  `default:"0" help:"Price of one hour of this machine, to tell the price of an hour of sound."`
	Dir     string   `arg:"" type:"existingdir" help:"Folder of NAME.flac or .wav with NAME.json: {\"utterances\": [{\"role\": \"agent\", \"text\": ...}]}."`
}

// Run prints one line for each model.
func (c asrBenchCmd) Run(ctx context.Context) error {
	files, err := asr.References(c.Dir)
	if err != nil {
		return err
	}
	if len(c.Model) == 0 {
		c.Model = []string{""}
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	sums := make([]asr.Measure, len(c.Model))
	for i, folder := range c.Model {
		if sums[i], err = c.measure(ctx, log, folder, files); err != nil {
			return err
		}
	}
	return c.print(os.Stdout, sums)
}

func (c asrBenchCmd) measure(ctx context.Context, log *slog.Logger, folder string, files []string) (asr.Measure, error) {
	model, err := modelFlags{Model: folder, VAD: c.VAD, Threads: c.Threads}.open(log)
	if err != nil {
		return asr.Measure{}, err
	}
	defer model.Close()
	if err := model.Ready(ctx); err != nil { // loading is not what is measured
		return asr.Measure{}, err
	}
	text := asr.NewText(nil, nil)
	var all []asr.Measure
	for n, f := range files {
		m, err := asr.MeasureFile(ctx, model, text, f)
		if err != nil {
			return asr.Measure{}, err
		}
		progress("%s: %d of %d %s", model.Name(), n+1, len(files), filepath.Base(f))
		all = append(all, m)
	}
	sum := asr.Sum(all)
	sum.File = model.Name()
	return sum, nil
}

// progress says on standard error how far something is: on one line of a terminal, and on a line each elsewhere.
func progress(format string, args ...any) {
	begin, end := "", "\n"
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		begin, end = "\r\x1b[K", "\r"
	}
	fmt.Fprintf(os.Stderr, begin+format+end, args...)
}

func (c asrBenchCmd) print(w io.Writer, sums []asr.Measure) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "model\tsound\ttook\treal-time factor\tcalls of 5 min an hour\terror rate, callers\tagents")
	if c.Cost > 0 {
		fmt.Fprint(table, "\tprice of an hour of sound")
	}
	fmt.Fprintln(table)
	for _, s := range sums {
		factor := s.Took.Seconds() / s.Sound.Seconds()
		fmt.Fprintf(table, "%s\t%.0f s\t%.0f s\t%.3f\t%.0f\t%.1f %%\t%.1f %%", s.File, s.Sound.Seconds(), s.Took.Seconds(), factor,
			12/factor, 100*s.Errors[rule.Caller].Share(), 100*s.Errors[rule.Agent].Share())
		if c.Cost > 0 {
			fmt.Fprintf(table, "\t%.3f", c.Cost*factor)
		}
		fmt.Fprintln(table)
	}
	return table.Flush()
}
