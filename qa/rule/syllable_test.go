package rule

import (
	"strings"
	"testing"

	"github.com/mozillazg/go-pinyin"
)

func TestEverySyllableIsKnown(t *testing.T) {
	for r, all := range pinyin.PinyinDict {
		for _, reading := range strings.Split(all, ",") {
			if _, ok := parse(toneless(reading)); !ok {
				t.Errorf("%c: %q is no syllable", rune(r), reading)
			}
		}
	}
}

func TestHowUnlikeSyllablesSound(t *testing.T) {
	d := func(a, b rune) float64 {
		best := 1.0
		for _, x := range readings(a) {
			for _, y := range readings(b) {
				best = min(best, between(x, y))
			}
		}
		return best
	}
	for _, c := range []struct {
		a, b rune
		most float64
	}{
		{'貨', '伙', 0},
		{'行', '形', 0},
		{'您', '玲', 0.1},
		{'是', '四', 0.05},
		{'靜', '進', 0.06},
		{'鑑', '簡', 0},
		{'訂', '頂', 0},
		{'發', '花', 0.4},
		{'冷', '能', 0.06},
		{'我', '五', 0.25},
		{'請', '行', 0.2},
		{'錯', '做', 0.25},
		{'4', '四', 0},
		{'0', '零', 0},
		{'魚', '魚', 0},
		{'元', '圓', 0},
		{'威', '味', 0},
		{'決', '絕', 0},
	} {
		if got := d(c.a, c.b); got > c.most {
			t.Errorf("%c and %c are %.2f apart, want at most %.2f", c.a, c.b, got, c.most)
		}
	}
	for _, c := range []struct {
		a, b  rune
		least float64
	}{
		{'不', '得', 0.5}, {'我', '您', 0.7}, {'三', '天', 0.6}, {'說', '過', 0.4}, {'政', '路', 0.9}, {'知', '基', 0.2}, {'x', '我', 1},
	} {
		if got := d(c.a, c.b); got < c.least {
			t.Errorf("%c and %c are %.2f apart, want at least %.2f", c.a, c.b, got, c.least)
		}
	}
}
