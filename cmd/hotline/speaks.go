package main

import (
	"context"
	"log/slog"

	"hotline/internal/speak"
	"hotline/ivr"
)

// speaks makes sounds beside whoever asks for them.
func speaks(ctx context.Context, sounds *speak.Store, log *slog.Logger) func(ivr.Phrase) {
	return func(p ivr.Phrase) {
		go func() {
			if _, err := sounds.Path(ctx, speak.Phrase{Lang: string(p.Lang), Text: p.Text}); err != nil {
				log.Error("the words of an emergency cannot be spoken", "err", err)
			}
		}()
	}
}
