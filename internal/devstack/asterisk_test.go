package devstack

import (
	"context"
	"strings"
	"testing"
	"time"
)

func TestAsteriskAnswers(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	a, err := StartAsterisk(ctx, t.TempDir(), AsteriskOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Stop() })
	out, err := a.CLI(ctx, a.PID(), "module show")
	if err != nil {
		t.Fatal(err)
	}
	t.Log(out)
	if !strings.Contains(out, "chan_pjsip") {
		t.Error("chan_pjsip is not loaded")
	}
}
