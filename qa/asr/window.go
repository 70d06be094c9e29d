package asr

import "hotline/qa/rule"

// All of these are milliseconds.
const (
	padBefore = 300    // what detection cuts off the beginning of speech
	padAfter  = 200    // and off its end
	keepPause = 700    // a longer pause is shortened to this
	fullest   = 26_000 // a window has at most so much sound
	related   = 15_000 // speech after a longer pause has little to do with what was before
)

// piece is a stretch of a channel within a window.
type piece struct {
	rule.Span           // on the recording's time line
	at        int       // in the window
	voice     rule.Span // of the speech in it, without the margins
}

// window is what a model hears at once.
type window struct {
	pieces []piece
	length int
}

// windows puts stretches of speech together. Each is at most fullest long.
func windows(voices []rule.Span, length int) []window {
	var all []window
	for i, v := range voices {
		p := piece{Span: rule.Span{Start: max(0, v.Start-padBefore), End: min(length, v.End+padAfter)}, voice: v}
		if i > 0 { // margins do not reach into the neighbour
			p.Start = max(p.Start, (voices[i-1].End+v.Start)/2)
		}
		if i+1 < len(voices) {
			p.End = min(p.End, (v.End+voices[i+1].Start)/2)
		}
		var last *window
		if n := len(all); n > 0 && v.Start-voices[i-1].End <= related {
			last = &all[n-1]
		}
		if last == nil || !last.add(p) {
			all = append(all, window{})
			all[len(all)-1].add(p)
		}
	}
	return all
}

// add appends a piece if it fits, with as much of the pause before it as is kept.
func (w *window) add(p piece) bool {
	if n := len(w.pieces); n > 0 {
		before := &w.pieces[n-1]
		pause := p.Start - before.End
		kept := min(pause, keepPause)
		if w.length+kept+p.Length() > fullest {
			return false
		}
		// The pause that is kept is real sound: half of it after the piece before, half ahead of this one.
		before.End += kept - kept/2
		p.Start -= kept / 2
		w.length += kept - kept/2
	}
	p.at = w.length
	w.length += p.Length()
	w.pieces = append(w.pieces, p)
	return true
}

// sound cuts the window's pieces out of a channel.
func (w *window) sound(channel []int16, rate int) []int16 {
	var out []int16
	for _, p := range w.pieces {
		from, to := p.Start*rate/1000, min(len(channel), p.End*rate/1000)
		out = append(out, channel[min(from, to):to]...)
	}
	return out
}

// place finds the piece in which something of the window was said, by what it shares with the speech of each: a model's
// times often begin in the pause before a word or end in the one after it. The span is put on the recording's time line,
// within that piece.
func (w *window) place(said rule.Span) (index int, where rule.Span) {
	best := -1 << 30
	for i, p := range w.pieces {
		shift := p.Start - p.at
		on := rule.Span{Start: said.Start + shift, End: said.End + shift}
		if shared := min(on.End, p.voice.End) - max(on.Start, p.voice.Start); shared > best {
			best, index = shared, i
			where = rule.Span{Start: max(on.Start, p.voice.Start-padBefore), End: min(on.End, p.voice.End+padAfter)}
		}
	}
	if where.End < where.Start { // beside all speech: at its nearer end
		where.Start = min(where.Start, w.pieces[index].voice.End)
		where.End = where.Start
	}
	return index, where
}
