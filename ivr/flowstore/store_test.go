package flowstore_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/internal/pg/pgtest"
	"hotline/ivr"
	"hotline/ivr/flowfile"
	"hotline/ivr/flows"
	"hotline/ivr/flowstore"
)

var (
	mainFlow = flowstore.Key{Kind: flowstore.KindFlow, Name: "main"}
	after    = flowstore.Key{Kind: flowstore.KindSurvey, Name: "after-call"}
)

func shipped(t *testing.T) *flowfile.Set {
	t.Helper()
	set, err := flowfile.LoadFS(ivr.Known{}, flows.FS)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// textOf is what the set has under a key.
func textOf(t *testing.T, set *flowfile.Set, k flowstore.Key) string {
	t.Helper()
	for _, text := range set.Texts {
		file, _ := flowfile.Parse(text)
		if is, _ := flowstore.KeyOf(file); is == k {
			return string(text)
		}
	}
	t.Fatalf("no %s in the set", k)
	return ""
}

func withTexts(texts ...string) *flowfile.Set {
	set := &flowfile.Set{}
	for _, t := range texts {
		set.Texts = append(set.Texts, []byte(t))
	}
	return set
}

func seeded(t *testing.T) (*flowstore.Store, *flowfile.Set) {
	t.Helper()
	s, set := flowstore.NewStore(pgtest.Pool(t)), shipped(t)
	if kept, err := s.Seed(t.Context(), set); err != nil || len(kept) > 0 {
		t.Fatalf("%v, %v", kept, err)
	}
	return s, set
}

func live(t *testing.T, s *flowstore.Store, k flowstore.Key) flowstore.Version {
	t.Helper()
	all, err := s.Current(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if v.Key() == k && v.State == flowstore.StateLive {
			return v
		}
	}
	t.Fatalf("no %s is live", k)
	return flowstore.Version{}
}

func TestFilesAreFollowedUntilSomebodyPublishes(t *testing.T) {
	s, set := seeded(t)
	if v := live(t, s, mainFlow); v.Version != 1 || v.Origin != "file" || v.YAML != textOf(t, set, mainFlow) || v.Hash != set.Flows["main"].Version {
		t.Errorf("%+v", v)
	}
	if _, err := s.Seed(t.Context(), set); err != nil || live(t, s, mainFlow).Version != 1 {
		t.Errorf("seeding the same again: %v", err)
	}
	changed := withTexts(textOf(t, set, mainFlow)+"# changed\n", textOf(t, set, after))
	if kept, err := s.Seed(t.Context(), changed); err != nil || len(kept) != 0 || live(t, s, mainFlow).Version != 2 || live(t, s, after).Version != 1 {
		t.Errorf("a changed file: %v %v", kept, err)
	}
	if done, err := s.Import(t.Context(), withTexts(textOf(t, set, mainFlow)+"# imported\n"), "by hand"); err != nil || len(done) != 1 || done[0].Version != 3 {
		t.Errorf("%+v %v", done, err)
	}
	if kept, err := s.Seed(t.Context(), set); err != nil || len(kept) != 1 || kept[0] != mainFlow || live(t, s, mainFlow).Version != 3 {
		t.Errorf("the file over what was imported: %v %v", kept, err)
	}
}

func TestDraftsArePublishedAndTakenBack(t *testing.T) {
	s, set := seeded(t)
	ctx := t.Context()
	first := textOf(t, set, mainFlow)
	draft, err := s.SaveDraft(ctx, mainFlow, first+"# one\n", "", "u1", time.Time{})
	if err != nil || draft.Version != 2 || draft.State != flowstore.StateDraft {
		t.Fatalf("%+v %v", draft, err)
	}
	if _, err := s.SaveDraft(ctx, mainFlow, first+"# two\n", "", "u2", time.Time{}); !errors.Is(err, flowstore.ErrStale) {
		t.Errorf("a draft over one that was not seen: %v", err)
	}
	second, err := s.SaveDraft(ctx, mainFlow, first+"# two\n", "", "u1", draft.CreatedAt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Publish(ctx, mainFlow, draft.CreatedAt, "x", "u1", ivr.Known{}); !errors.Is(err, flowstore.ErrStale) {
		t.Errorf("publishing what was not looked at: %v", err)
	}
	done, err := s.Publish(ctx, mainFlow, second.CreatedAt, "another greeting", "u1", ivr.Known{})
	if err != nil || done.Version != 2 || done.State != flowstore.StateLive || done.LiveBy != "u1" || done.Note != "another greeting" || done.LiveAt == nil {
		t.Fatalf("%+v %v", done, err)
	}
	kept, err := s.SaveDraft(ctx, mainFlow, "kind: flow\n", "", "u1", time.Time{}) // faults and all
	if err != nil || kept.Version != 3 {
		t.Fatalf("%+v %v", kept, err)
	}
	back, err := s.GoBack(ctx, mainFlow, 1, "too long", "u2", ivr.Known{})
	if err != nil || back.Version != 3 || back.BackTo != 1 || back.YAML != first || back.Hash != set.Flows["main"].Version {
		t.Fatalf("%+v %v", back, err)
	}
	all, err := s.Versions(ctx, mainFlow)
	if err != nil || len(all) != 4 || all[0].State != flowstore.StateDraft || all[0].Version != 4 || all[2].State != flowstore.StateRetired || all[0].YAML != "" {
		t.Errorf("%+v %v", all, err)
	}
	if _, err := s.GoBack(ctx, mainFlow, 3, "to what is live", "u2", ivr.Known{}); !errors.Is(err, flowstore.ErrStale) {
		t.Errorf("going back to what is live: %v", err)
	}
	if err := s.DropDraft(ctx, mainFlow); err != nil {
		t.Error(err)
	}
	if err := s.DropDraft(ctx, mainFlow); !errors.Is(err, flowstore.ErrNotFound) {
		t.Errorf("dropping nothing: %v", err)
	}
}

func TestOnlyWhatIsWholeGoesLive(t *testing.T) {
	s, set := seeded(t)
	first := textOf(t, set, mainFlow)
	for name, c := range map[string]struct {
		yaml, says string
		queues     []string
	}{
		"unreadable":     {yaml: "kind: flow\n", says: "version"},
		"another flow":   {yaml: strings.Replace(first, "id: main", "id: other", 1), says: "and not the flow main"},
		"unknown survey": {yaml: strings.ReplaceAll(first, "survey: after-call", "survey: nobody-knows"), says: "there is no survey"},
		"unknown queue":  {yaml: first, says: "there is no queue", queues: []string{"elsewhere"}},
	} {
		t.Run(name, func(t *testing.T) {
			draft, err := s.SaveDraft(t.Context(), mainFlow, c.yaml, "", "u1", time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Publish(t.Context(), mainFlow, draft.CreatedAt, "x", "u1", ivr.Known{Queues: c.queues})
			var faulty *flowstore.Faulty
			if !errors.As(err, &faulty) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v", err)
			}
			if live(t, s, mainFlow).Version != 1 {
				t.Error("it went live")
			}
			if err := s.DropDraft(t.Context(), mainFlow); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestAFlowMayEnterThoseThatAreLive(t *testing.T) {
	s, _ := seeded(t)
	ctx := t.Context()
	enters := `kind: flow
version: 1
id: goods
languages: [zh-TW]
start: desk
steps:
  desk:
    flow: {id: desk, done: bye, failed: bye}
  bye:
    hangup: {}
`
	goods, desk := flowstore.Key{Kind: flowstore.KindFlow, Name: "goods"}, flowstore.Key{Kind: flowstore.KindFlow, Name: "desk"}
	draft, err := s.SaveDraft(ctx, goods, enters, "", "u1", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	var faulty *flowstore.Faulty
	if _, err := s.Publish(ctx, goods, draft.CreatedAt, "", "u1", ivr.Known{}); !errors.As(err, &faulty) || len(faulty.Faults) != 1 ||
		faulty.Faults[0].Message.String() != `step "desk": there is no flow "desk"` {
		t.Fatalf("%v", err)
	}
	other, err := s.SaveDraft(ctx, desk, "kind: flow\nversion: 1\nid: desk\nlanguages: [zh-TW]\nstart: back\nsteps:\n  back:\n    return: {}\n", "", "u1", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Publish(ctx, desk, other.CreatedAt, "", "u1", ivr.Known{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Publish(ctx, goods, draft.CreatedAt, "", "u1", ivr.Known{}); err != nil {
		t.Errorf("now that it is live: %v", err)
	}
	all, err := s.Current(ctx)
	if set := flowstore.Live(all); err != nil || set.Flows["goods"] == nil || set.Flows["desk"] == nil || set.Surveys["after-call"] == nil {
		t.Errorf("%+v %v", set, err)
	}
}

func TestTheShelfOutlivesTheDatabase(t *testing.T) {
	ctx, quiet := t.Context(), slog.New(slog.DiscardHandler)
	pool := pgtest.Pool(t)
	s, set := flowstore.NewStore(pool), shipped(t)
	path := filepath.Join(t.TempDir(), "flows.json")
	shelf := flowstore.OpenShelf(ctx, s, path, set, quiet)
	old := shelf.Set().Flows["main"]
	if _, err := s.Import(ctx, withTexts(textOf(t, set, mainFlow)+"# two\n"), "x"); err != nil {
		t.Fatal(err)
	}
	now, err := shelf.Load(ctx)
	if err != nil || now.Flows["main"].Version == old.Version || now.Surveys["after-call"] == nil {
		t.Fatalf("%v", err)
	}
	refs := []flowstore.Ref{{Key: mainFlow, Hash: old.Version}, {Key: mainFlow, Hash: now.Flows["main"].Version}, {Key: mainFlow, Hash: "000000000000"}}
	if flows, surveys := shelf.Past(ctx, refs); len(flows) != 1 || flows[0].Version != old.Version || len(surveys) != 0 {
		t.Errorf("%v %v", flows, surveys)
	}
	// A new controller has never seen the older version: the store has it.
	fresh := flowstore.OpenShelf(ctx, s, path, set, quiet)
	if flows, _ := fresh.Past(ctx, refs); len(flows) != 1 || flows[0].Version != old.Version {
		t.Errorf("%v", flows)
	}
	pool.Close()
	// The next one has no database: the file has both.
	away := flowstore.OpenShelf(ctx, s, path, withTexts(), quiet)
	if got := away.Set().Flows["main"]; got == nil || got.Version != now.Flows["main"].Version {
		t.Errorf("live without a database: %+v", got)
	}
	if flows, _ := away.Past(ctx, refs); len(flows) != 1 || flows[0].Version != old.Version {
		t.Errorf("%v", flows)
	}
	if _, err := away.Load(ctx); err == nil {
		t.Error("a read without a database")
	}
	// Nor has the very first one: the files have to do.
	if first := flowstore.OpenShelf(ctx, s, filepath.Join(t.TempDir(), "none.json"), set, quiet); first.Set().Flows["main"].Version != old.Version {
		t.Error("the files do not count")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
}

func TestUploadedPhrasesOutliveTheirController(t *testing.T) {
	pool := pgtest.Pool(t)
	s := flowstore.NewStore(pool)
	if _, err := pool.Exec(t.Context(), `insert into users (id, login, name, role, scope, password_hash) values ('u1', 'mei', '林美', 'supervisor', 'all', '')`); err != nil {
		t.Fatal(err)
	}
	key := func(lang, text string) string { return lang + " " + strings.TrimSpace(text) }
	up := flowstore.Upload{Key: "en Hello.", Lang: "en", Text: "Hello.", Sound: []byte{0xff, 0x80}, Seconds: 1, File: "a.wav", UploadedBy: "u1"}
	for _, file := range []string{"a.wav", "b.wav"} { // the second in place of the first
		up.File = file
		if err := s.PutUpload(t.Context(), up); err != nil {
			t.Fatal(err)
		}
	}
	all, err := s.Uploads(t.Context(), false)
	if err != nil || len(all) != 1 || all[0].File != "b.wav" || all[0].Uploader != "林美" || len(all[0].Sound) != 0 || all[0].UploadedAt.IsZero() {
		t.Errorf("%+v, %v", all, err)
	}
	other := flowstore.NewRecordings(s, key)
	if _, ok := other.Recording("en", "Hello."); ok {
		t.Error("there is a recording before any was read")
	}
	if err := other.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if samples, ok := other.Recording("en", "Hello. "); !ok || len(samples) != 2 {
		t.Errorf("%v, %v", samples, ok)
	}
	if err := s.DropUpload(t.Context(), up.Key); err != nil {
		t.Fatal(err)
	}
	if err := s.DropUpload(t.Context(), up.Key); !errors.Is(err, flowstore.ErrNotFound) {
		t.Error(err)
	}
	if err := other.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok := other.Recording("en", "Hello."); ok {
		t.Error("the recording is still heard")
	}
}
