package web

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"hotline/cti/id"
	"hotline/recording"
)

// playbackTime is how long requests for the same recording count as one playback: a player reads it in many.
const playbackTime = 10 * time.Minute

// audio serves the sound for playing. The access log has the playback before a byte is sent.
func (s *Server) audio(ctx context.Context, who Who, in *recordingInput) (*huma.StreamResponse, error) {
	r, err := s.recording(ctx, who, in.Leg)
	if err != nil {
		return nil, err
	}
	c, err := s.copyFor(ctx, who, r)
	if err != nil {
		return nil, err
	}
	if playback := who.Session + " " + r.Leg; s.playbacks.take(playback) == 0 {
		if err := s.looked(ctx, who, actionPlay, recordingObject(r.Leg), map[string]any{"call": r.CallID}); err != nil {
			s.playbacks.give(playback)
			return nil, err
		}
	}
	sound, made, err := s.openCopy(ctx, r, c)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer func() { _ = sound.Close() }() // It was only read.
		request, w := humago.Unwrap(hc)
		w.Header().Set("ETag", etag(r, c))
		w.Header().Set("Cache-Control", "private, no-cache")
		serve(w, request, sound, made, "inline", r.Leg+".flac")
	}}, nil
}

// download serves a copy to keep, which says in itself and in its name who took it and when.
func (s *Server) download(ctx context.Context, who Who, in *recordingInput) (*huma.StreamResponse, error) {
	r, err := s.recording(ctx, who, in.Leg)
	if err != nil {
		return nil, err
	}
	c, err := s.copyFor(ctx, who, r)
	if err != nil {
		return nil, err
	}
	at := s.now().UTC()
	c.Marks = []string{
		"TITLE=" + r.Leg, "TAKEN_BY=" + who.Name + " (" + who.Login + ")", "TAKEN_AT=" + at.Format(time.RFC3339),
		"ORIGINAL_SHA256=" + r.SHA256, fmt.Sprintf("SILENCED=%d", len(c.Redactions)),
	}
	sound, made, err := s.openCopy(ctx, r, c)
	if err != nil {
		return nil, err
	}
	if err := s.looked(ctx, who, actionDownload, recordingObject(r.Leg), map[string]any{"call": r.CallID, "silenced": len(c.Redactions)}); err != nil {
		_ = sound.Close() // It was only read.
		return nil, err
	}
	name := fmt.Sprintf("%s_%s_%s.flac", r.Leg, who.Login, at.Format("20060102T150405Z"))
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer func() { _ = sound.Close() }() // It was only read.
		request, w := humago.Unwrap(hc)
		request.Header.Del("Range") // Each copy says another time: stretches of two do not fit.
		w.Header().Set("Cache-Control", "no-store")
		serve(w, request, sound, made, "attachment", name)
	}}, nil
}

func serve(w http.ResponseWriter, r *http.Request, sound io.ReadSeeker, made time.Time, disposition, name string) {
	w.Header().Set("Content-Type", "audio/flac")
	w.Header().Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": name}))
	http.ServeContent(w, r, "", made, sound)
}

// copyFor is what the person may hear of the recording: digits of cards and identity numbers only with a right of its own.
func (s *Server) copyFor(ctx context.Context, who Who, r Recording) (recording.Copy, error) {
	if may(who.Role, who.Scope, RightDigits) {
		return recording.Copy{}, nil
	}
	hidden, err := s.Recordings.Redactions(ctx, id.LegID(r.Leg))
	return recording.Copy{Redactions: hidden}, err
}

func (s *Server) openCopy(ctx context.Context, r Recording, c recording.Copy) (io.ReadSeekCloser, time.Time, error) {
	sound, made, err := s.Vault.Open(ctx, id.LegID(r.Leg))
	if err != nil {
		return nil, made, err
	}
	out, err := c.Of(sound)
	return out, made, err
}

// etag tells copies apart that differ in what is silent.
func etag(r Recording, c recording.Copy) string {
	if len(c.Redactions) == 0 {
		return `"` + r.SHA256 + `"`
	}
	h := fnv.New64a()
	for _, x := range c.Redactions {
		_, _ = fmt.Fprintln(h, x.Channel, x.Start, x.End) // A hash never fails.
	}
	// The 2 is how copies are made: stretches of one that was made otherwise do not fit.
	return fmt.Sprintf(`"%s-2-%x"`, r.SHA256, h.Sum64())
}
