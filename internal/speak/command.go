package speak

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Command is `hotline speak`: it speaks texts into a voice pack.
type Command struct {
	Voice VoiceConfig // Folder is required
	Dir   string      // the pack's folder
	Lang  string      // of Texts
	Texts []string    // without any, Input is read
	Input io.Reader   // phrases as ReadLines wants them
	Prune bool        // remove recordings that are not asked for; only with Input
	Out   io.Writer   // what is being done, for a person
	Log   *slog.Logger
}

// Run does the command.
func (c Command) Run(ctx context.Context) error {
	lines, err := c.lines()
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		return errors.New("nothing to speak: give texts, or phrases on standard input")
	}
	voice, err := NewVoiceFolder(c.Voice, c.Log)
	if err != nil {
		return err
	}
	defer voice.Close()
	var printed error
	say := func(format string, args ...any) {
		if _, err := fmt.Fprintf(c.Out, format, args...); printed == nil {
			printed = err
		}
	}
	result, err := Record(ctx, Recording{
		Dir: c.Dir, Voice: voice, Lines: lines, Prune: c.Prune && len(c.Texts) == 0,
		Progress: func(done, total int, l Line, took time.Duration) {
			if took > 0 {
				say("%d/%d  %4.1f s  %s  %s\n", done, total, took.Seconds(), l.Lang, l.Text)
			}
		},
	})
	say("%s: %d phrases spoken, %d kept, %d files removed, %.0f seconds of sound\n",
		c.Dir, result.Made, result.Kept, result.Removed, result.Seconds)
	return errors.Join(err, printed)
}

func (c Command) lines() ([]Line, error) {
	if len(c.Texts) == 0 {
		return ReadLines(c.Input)
	}
	var lines []Line
	for _, text := range c.Texts {
		l := Line{Phrase: Phrase{Lang: c.Lang, Text: text}}
		if err := l.Check(); err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}
