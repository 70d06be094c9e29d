package voices

import (
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"hotline/internal/speak"
)

func TestConversations(t *testing.T) {
	all := Conversations()
	if len(all) != 8 {
		t.Errorf("%d conversations, want 8", len(all))
	}
	queues := make(map[string]int)
	for _, c := range all {
		queues[c.Queue]++
		if n := len(c.Utterances); n < 4 || n > 7 {
			t.Errorf("%s: %d utterances", c.Name, n)
		}
		for _, u := range c.Utterances {
			checkUtterance(t, u)
		}
	}
	if len(queues) != 3 || queues["order"] == 0 || queues["service"] == 0 || queues["member"] == 0 {
		t.Errorf("queues: %v", queues)
	}
}

// The sentences that quality rules look for at the beginning and the end of a call.
func TestAgentOpensAndCloses(t *testing.T) {
	all := Agent()
	if len(all) != 6 {
		t.Fatalf("%d sentences, want 6", len(all))
	}
	if all[0].Text != "您好，感謝您聯繫我們，請問有什麼可以協助您？" || all[5].Text != "感謝您的耐心等待，祝您有美好的一天！" {
		t.Errorf("opening %q, closing %q", all[0].Text, all[5].Text)
	}
	for _, u := range all {
		checkUtterance(t, u)
	}
}

func checkUtterance(t *testing.T, u Utterance) {
	t.Helper()
	sound := make([]float32, len(u.Samples))
	peak := 0.0
	for i, v := range u.Samples {
		sound[i] = float32(v) / 32768
		peak = max(peak, math.Abs(float64(sound[i])))
	}
	if level := speak.ActiveLevel(sound); peak > 0.9 || math.Abs(level-speak.TargetLevel) > 1 {
		t.Errorf("%q: peak %.2f, level %.1f dB", u.Text, peak, level)
	}
	perCharacter := u.Duration() / time.Duration(len([]rune(u.Text)))
	if perCharacter < 130*time.Millisecond || perCharacter > 350*time.Millisecond {
		t.Errorf("%q: %s, that is %s a character", u.Text, u.Duration(), perCharacter)
	}
}

// The recordings are those of the script, in its order.
func TestScriptIsRecorded(t *testing.T) {
	f, err := os.Open("script.json")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	script, err := speak.ReadLines(f)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, l := range script {
		want = append(want, l.Text)
	}
	for _, c := range Conversations() {
		for _, u := range c.Utterances {
			got = append(got, u.Text)
		}
	}
	for _, u := range Agent() {
		got = append(got, u.Text)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("recorded:\n%q\nscript:\n%q", got, want)
	}
}
