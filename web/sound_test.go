package web

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/meta"

	"hotline/cti/id"
	"hotline/recording"
)

// speech is about as hard to pack as talk on the telephone.
func speech(seconds int) []byte {
	out := make([]byte, 0, seconds*recording.Rate*4)
	rng := rand.New(rand.NewPCG(5, 6))
	level := 0.0
	for i := range seconds * recording.Rate {
		if i%2400 == 0 {
			level = 6000 * rng.Float64() * rng.Float64()
		}
		v := int16(level*math.Sin(float64(i)/9) + 100*rng.NormFloat64())
		out = binary.LittleEndian.AppendUint16(out, uint16(v))
		out = binary.LittleEndian.AppendUint16(out, uint16(-v/3))
	}
	return out
}

// record makes a real recording: from spool to FLAC and its row.
func (f *fixture) record(leg id.LegID, agent id.AgentID, pcm []byte) recording.Result {
	f.t.Helper()
	spool := filepath.Join(f.dir, "spool")
	if err := os.MkdirAll(spool, 0o700); err != nil {
		f.t.Fatal(err)
	}
	manifest, err := json.Marshal(recording.Manifest{
		Version: 1, Head: recording.Head{Call: leg.Call(), Leg: leg, Part: 1, Agent: agent, Epoch: f.clock.now()},
		Started: f.clock.now(), Rate: recording.Rate, Closed: true, Frames: int64(len(pcm) / 4),
	})
	if err != nil {
		f.t.Fatal(err)
	}
	for name, data := range map[string][]byte{"pcm": pcm, "json": manifest} {
		if err := os.WriteFile(filepath.Join(spool, string(leg)+".1."+name), data, 0o600); err != nil {
			f.t.Fatal(err)
		}
	}
	made, err := recording.Finish(f.t.Context(), f.dir, leg, f.Recordings)
	if err != nil {
		f.t.Fatal(err)
	}
	return made
}

func (f *fixture) redact(leg id.LegID, all ...recording.Redaction) {
	f.t.Helper()
	if err := pgx.BeginFunc(f.t.Context(), f.DB, func(tx pgx.Tx) error {
		return f.Recordings.SetRedactions(f.t.Context(), tx, leg, all)
	}); err != nil {
		f.t.Fatal(err)
	}
}

// quietSeconds says in which whole seconds of a FLAC file both channels are silent.
func quietSeconds(t *testing.T, data []byte) (quiet []int, marks [][2]string) {
	t.Helper()
	stream, err := flac.New(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	loud := map[int]bool{}
	n := 0
	for {
		frame, err := stream.ParseNext()
		if err != nil {
			break
		}
		for i, l := range frame.Subframes[0].Samples {
			if l != 0 || frame.Subframes[1].Samples[i] != 0 {
				loud[n/recording.Rate] = true
			}
			n++
		}
	}
	for second := range n / recording.Rate {
		if !loud[second] {
			quiet = append(quiet, second)
		}
	}
	whole, err := flac.Parse(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range whole.Blocks {
		if c, ok := b.Body.(*meta.VorbisComment); ok {
			marks = c.Tags
		}
	}
	return quiet, marks
}

func TestDigitsAreSilentForMostAndCopiesSayWhoTookThem(t *testing.T) {
	f := office(t)
	leg := id.LegID("c1.2")
	made := f.record(leg, "u1", speech(30))
	f.redact(leg, recording.Redaction{Channel: recording.ChannelBoth, Start: 12 * time.Second, End: 15 * time.Second, Kind: recording.RedactCard})
	if err := f.Vault.Keep(t.Context(), leg); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(f.dir, made.Path)); err == nil {
		t.Fatal("the plain file is still there")
	}
	amy, sue, ada := f.as("u1"), f.as("u3"), f.as("u5")
	const audio, download = "/api/v1/recordings/c1.2/audio", "/api/v1/recordings/c1.2/download"
	for name, who := range map[string]struct {
		*browser
		quiet []int
	}{"agent": {amy, []int{12, 13, 14}}, "supervisor": {sue, []int{12, 13, 14}}, "administrator": {ada, nil}} {
		got := who.do("GET", audio, nil)
		quiet, marks := quietSeconds(t, got.body)
		if got.StatusCode != 200 || !slices.Equal(quiet, who.quiet) || len(marks) != 0 {
			t.Errorf("%s: %d, silent in %v, marked %v", name, got.StatusCode, quiet, marks)
		}
		part := who.do("GET", audio, nil, "Range", "bytes=100000-100999", "If-Range", got.Header.Get("ETag"))
		if part.StatusCode != 206 || !bytes.Equal(part.body, got.body[100000:101000]) {
			t.Errorf("%s: a part: %d, %d bytes", name, part.StatusCode, len(part.body))
		}
	}
	if a, s := amy.do("HEAD", audio, nil).Header.Get("ETag"), ada.do("HEAD", audio, nil).Header.Get("ETag"); a == s || a == "" {
		t.Errorf("two copies share the tag %s", a)
	}

	amy.want(403, "forbidden", "GET", download, nil)
	got := sue.do("GET", download, nil, "Range", "bytes=5-9")
	quiet, marks := quietSeconds(t, got.body)
	if got.StatusCode != 200 || !slices.Equal(quiet, []int{12, 13, 14}) || !slices.Contains(marks, [2]string{"TAKEN_BY", "Name of sue (sue)"}) {
		t.Errorf("%d, silent in %v, marked %v", got.StatusCode, quiet, marks)
	}
	if name := got.Header.Get("Content-Disposition"); !strings.HasPrefix(name, "attachment") || !strings.Contains(name, "c1.2_sue_"+f.clock.now().UTC().Format("20060102T150405Z")) {
		t.Errorf("the file is called %s", name)
	}
	if n := count(f, `select count(*) from access_log where action = 'download_recording' and object = 'recording:c1.2' and user_id = 'u3' and not denied and address = '127.0.0.1'`); n != 1 {
		t.Errorf("%d downloads logged", n)
	}
}

// Whatever is refused is in the log, with whom and from where; again and again it is logged once.
func TestDeniedLooksAreLogged(t *testing.T) {
	f := office(t)
	f.record("c2.2", "u2", speech(1))
	go func() { _ = f.access.run(t.Context()) }()
	amy := f.as("u1")
	for range 3 {
		amy.want(404, "not_found", "GET", "/api/v1/recordings/c2.2", nil)
		amy.want(404, "not_found", "GET", "/api/v1/recordings/c2.2/audio", nil)
		amy.want(404, "not_found", "GET", "/api/v1/recordings/c2.2/peaks", nil)
		amy.want(404, "not_found", "GET", "/api/v1/recordings/c2.2/transcript", nil)
		amy.want(404, "not_found", "GET", "/api/v1/recordings/c2.2/comments", nil)
		amy.want(403, "forbidden", "GET", "/api/v1/recordings/c2.2/download", nil)
		amy.want(403, "forbidden", "GET", "/api/v1/access-log", nil)
	}
	want := []string{"download_recording recording:c2.2", "play_recording recording:c2.2", "read_transcript transcript:c2.2", "see_recording recording:c2.2"}
	ada := f.as("u5")
	var got []string
	for deadline := time.Now().Add(10 * time.Second); len(got) < len(want) && time.Now().Before(deadline); {
		got = nil
		for _, e := range get[list[AccessEntry]](ada, "/api/v1/access-log?denied=true").Items {
			got = append(got, e.Action+" "+e.Object)
			if e.UserID != "u1" || !e.Denied || e.Address != "127.0.0.1" {
				t.Errorf("%+v", e)
			}
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("logged %v, want %v", got, want)
	}
	if page := get[list[AccessEntry]](ada, "/api/v1/access-log?object=recording:c2.2&action=play_recording"); len(page.Items) != 1 {
		t.Errorf("of one recording: %+v", page.Items)
	}
	if n := count(f, `select count(*) from access_log where action = 'play_recording' and not denied`); n != 0 {
		t.Errorf("%d refused playbacks are logged as played", n)
	}
}

func TestCommentsArePinnedToSeconds(t *testing.T) {
	f := office(t)
	f.record("c1.2", "u1", speech(20))
	f.record("c2.2", "u2", speech(1))
	amy, sue, bob := f.as("u1"), f.as("u3"), f.as("u2")
	const path = "/api/v1/recordings/c1.2/comments"
	add := func(b *browser, at int, body string) (c Comment) {
		t.Helper()
		r := b.want(201, "", "POST", path, map[string]any{"at_ms": at, "body": body})
		if err := json.Unmarshal(r.body, &c); err != nil {
			t.Fatal(err)
		}
		return c
	}
	later, first := add(sue, 15_500, "  這裡可以先道歉  "), add(amy, 3000, "客人很急")
	if later.Body != "這裡可以先道歉" || later.AtMS != 15_500 || later.UserName != "Name of sue" || !later.Own {
		t.Errorf("%+v", later)
	}
	page := get[list[Comment]](amy, path)
	if len(page.Items) != 2 || page.Items[0].ID != first.ID || !page.Items[0].Own || page.Items[1].Own {
		t.Errorf("%+v", page.Items)
	}
	one := fmt.Sprintf("%s/%d", path, later.ID)
	amy.want(404, "not_found", "PUT", one, map[string]any{"body": "mine"})
	amy.want(404, "not_found", "DELETE", one, nil)
	sue.want(200, "", "PUT", one, map[string]any{"body": "道歉"})
	if c := get[list[Comment]](sue, path).Items[1]; c.Body != "道歉" || c.EditedAt == nil {
		t.Errorf("%+v", c)
	}
	sue.want(204, "", "DELETE", one, nil)
	sue.want(404, "not_found", "DELETE", one, nil)
	for _, bad := range []map[string]any{{"at_ms": 1, "body": ""}, {"at_ms": 1, "body": "   "}, {"at_ms": -1, "body": "x"}, {"at_ms": 1, "body": strings.Repeat("x", 2001)}} {
		sue.want(422, "invalid", "POST", path, bad)
	}
	sue.want(404, "not_found", "POST", path, map[string]any{"at_ms": 21_000, "body": "after the end"})
	bob.want(404, "not_found", "GET", path, nil)
	bob.want(404, "not_found", "POST", path, map[string]any{"at_ms": 1, "body": "x"})
	sue.want(404, "not_found", "POST", "/api/v1/recordings/c2.2/comments", map[string]any{"at_ms": 1, "body": "x"})
	if err := pgx.BeginFunc(t.Context(), f.DB, func(tx pgx.Tx) error { return f.Vault.Erase(t.Context(), tx, "c1.2") }); err != nil {
		t.Fatal(err)
	}
	if n := count(f, `select count(*) from recording_comments`); n != 0 {
		t.Errorf("%d comments outlive their recording", n)
	}
}

// Any second of a two-hour call, over HTTP: what a player asks for after a jump, 64 KiB from where the second begins. The
// peer is the plain file.
func BenchmarkSecondOfTwoHours(b *testing.B) {
	f := newFixture(b)
	f.user("u1", "amy", RoleAgent, ScopeOwn, "")
	const hours = 2
	pcm := bytes.Repeat(speech(600), hours*6)
	for _, leg := range []id.LegID{"plain.2", "sealed.2", "redacted.2"} {
		made := f.record(leg, "u1", pcm)
		if leg != "plain.2" {
			if err := f.Vault.Keep(b.Context(), leg); err != nil {
				b.Fatal(err)
			}
		}
		b.Logf("%s: %d bytes", leg, made.Bytes)
	}
	var cards []recording.Redaction // 20 numbers of eight seconds
	for i := range 20 {
		at := time.Duration(i*350+60) * time.Second
		cards = append(cards, recording.Redaction{Channel: recording.ChannelLeft, Start: at, End: at + 8*time.Second, Kind: recording.RedactCard})
	}
	f.redact("redacted.2", cards...)
	for _, leg := range []string{"plain", "sealed", "redacted"} {
		b.Run(leg, func(b *testing.B) { f.benchmarkRanges(b, leg) })
	}
}

func (f *fixture) benchmarkRanges(b *testing.B, leg string) {
	who := f.as("u1")
	path := f.url + "/api/v1/recordings/" + leg + ".2/audio"
	before := time.Now()
	head, err := who.Head(path) // nobody has asked for it yet
	if err != nil {
		b.Fatal(err)
	}
	if err := head.Body.Close(); err != nil {
		b.Fatal(err)
	}
	first := time.Since(before)
	var took []time.Duration
	for b.Loop() {
		from := rand.Int64N(head.ContentLength - 65536)
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, path, nil)
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-%d", from, from+65535))
		began := time.Now()
		got, err := who.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.Copy(io.Discard, got.Body)
		if err != nil || n != 65536 || got.StatusCode != http.StatusPartialContent {
			b.Fatalf("%d, %d bytes, %v", got.StatusCode, n, err)
		}
		took = append(took, time.Since(began))
		if err := got.Body.Close(); err != nil {
			b.Fatal(err)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(took[len(took)-1].Microseconds())/1000, "worst-ms")
	b.ReportMetric(float64(first.Microseconds())/1000, "first-ms")
}
