package qa

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"hotline/internal/pg/pgtest"
	"hotline/qa/lexicon"
)

func TestADictionaryIsTriedOnPastCalls(t *testing.T) {
	t.Parallel()
	s := NewStore(pgtest.Pool(t))
	talk(t, s, "c1.2", 0, "我要退款")
	talk(t, s, "c2.2", 1, "我要退錢")
	talk(t, s, "c3.2", 2, "請問氣炸鍋還有嗎")
	shipped := string(lexicon.DefaultYAML())
	changed := strings.Replace(shipped, "[退款, ", "[", 1)
	changed = strings.Replace(changed, "topics:\n", "topics:\n  - {id: left-over, name: {zh-TW: 還有, en: Any left}, phrases: [還有嗎]}\n", 1)
	changed = strings.Replace(changed, "id: k106", "id: k999", 1)
	got, err := s.TryDictionary(t.Context(), changed)
	if err != nil || got.Calls != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	differ := map[string]string{}
	for _, e := range got.Entries {
		if e.New+e.Gone > 0 || e.Entry == "refund" {
			differ[e.Entry] = fmt.Sprintf("%s live %d tried %d new %d gone %d", e.Kind, e.Live, e.Tried, e.New, e.Gone)
		}
	}
	want := map[string]string{
		"refund": "topic live 2 tried 1 new 0 gone 1", "left-over": "topic live 0 tried 1 new 1 gone 0",
		"k999": "product live 0 tried 1 new 1 gone 0", "k106": "product live 1 tried 0 new 0 gone 1",
	}
	if fmt.Sprint(differ) != fmt.Sprint(want) {
		t.Errorf("%v\nwant %v", differ, want)
	}
	if n := got.Entries[len(got.Entries)-1]; n.Entry != "k106" {
		t.Errorf("what is gone comes last, not %+v", n)
	}
	var faulty *FaultyDictionary
	if _, err := s.TryDictionary(t.Context(), "version: 1\n"); !errors.As(err, &faulty) {
		t.Errorf("a faulty one: %v", err)
	}
}
