package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"hotline/ivr"
	"hotline/ivr/voices"
	"hotline/qa/asr"
)

type modelsCmd struct {
	Install modelsInstallCmd `cmd:"" help:"Fetch a speech model, prove that it works and put it in its place."`
	List    modelsListCmd    `cmd:"" help:"Show the models that are installed, and those known by name."`
}

type modelsInstallCmd struct {
	Name string `arg:"" default:"sense-voice" help:"A model known by name, or a name of yours with --from."`
	From string `help:"A file (.tar.bz2, .tar.gz, .tar.xz, .zip), a folder, or an address of one."`
	VAD  string `name:"vad" help:"The same for Silero's model that finds speech; silero_vad.onnx beside --from, else its release."`
	Dir  string `help:"Folder of models; HOTLINE_MODELS or the user's cache folder when not given."`
}

// proofText is a sentence of the shipped voice pack, which every model must be able to hear.
const proofText = "目前客服人員皆在忙線中，請您稍候，我們會盡快為您服務。"

// Run installs the model.
func (c modelsInstallCmd) Run(ctx context.Context) error {
	dir, err := modelsDir(c.Dir)
	if err != nil {
		return err
	}
	said, ok := voices.Pack().Recording(string(ivr.Mandarin), proofText)
	if !ok {
		return errors.New("the voice pack lacks the sentence by which models are proved")
	}
	bar := &progressBar{}
	seal, err := asr.Installation{
		Dir: dir, Name: c.Name, From: c.From, VAD: c.VAD, Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Proof:    asr.Proof{Text: proofText, Sound: asr.Sound{Rate: 8000, Channels: [2][]int16{asr.Left: make([]int16, len(said)), asr.Right: said}}},
		Progress: bar.show,
	}.Run(ctx)
	bar.end()
	if err != nil {
		return err
	}
	fmt.Printf("installed %s (%s) in %s\nlicence: %s\nit reads our test sentence: %s\n", seal.Name, seal.ID(), filepath.Join(dir, seal.Name), seal.Licence, proofText)
	return nil
}

func modelsDir(dir string) (string, error) {
	if dir != "" {
		return dir, nil
	}
	return asr.ModelsDir()
}

// progressBar shows how far a download is, on a terminal.
type progressBar struct {
	last time.Time
	any  bool
}

func (b *progressBar) show(what string, done, all int64) {
	if time.Since(b.last) < 200*time.Millisecond && (all == 0 || done < all) {
		return
	}
	b.last, b.any = time.Now(), true
	const width = 30
	if all == 0 {
		fmt.Fprintf(os.Stderr, "\r%s: %d MB ", what, done>>20)
		return
	}
	full := int(done * width / all)
	fmt.Fprintf(os.Stderr, "\r%s [%s%s] %3d %% of %d MB ", what, strings.Repeat("#", full), strings.Repeat(".", width-full), 100*done/all, all>>20)
}

func (b *progressBar) end() {
	if b.any {
		fmt.Fprintln(os.Stderr)
	}
}

type modelsListCmd struct {
	Dir string `help:"Folder of models; HOTLINE_MODELS or the user's cache folder when not given."`
}

// Run lists what is there, checked against its seals, and what could be.
func (c modelsListCmd) Run() error {
	dir, err := modelsDir(c.Dir)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	best, _ := asr.FindModel(dir) // none is no error here
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "in %s\n", dir)
	for _, e := range entries {
		folder := filepath.Join(dir, e.Name())
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		seal, err := asr.CheckModel(folder)
		if err != nil {
			fmt.Fprintf(table, "  %s\t%v\n", e.Name(), err)
			continue
		}
		used := ""
		if folder == best {
			used = "used unless the settings name another"
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\n", e.Name(), seal.ID(), seal.Licence, used)
	}
	fmt.Fprintln(table, "known by name")
	for _, r := range asr.Releases {
		fmt.Fprintf(table, "  %s\t%s\t%s\n", r.Name, r.Licence, r.What)
	}
	return table.Flush()
}
