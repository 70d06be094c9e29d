package recording

import (
	"io"
	"os"
	"testing"
	"time"
)

// BenchmarkCopy opens the copy of a two-hour call with 20 silenced numbers of eight seconds, and reads 64 KiB from where the first
// of them begins.
func BenchmarkCopy(b *testing.B) {
	path, _, _ := talkFile(b, 7200*Rate)
	var c Copy
	for i := range 20 {
		at := time.Duration(i*350+60) * time.Second
		c.Redactions = append(c.Redactions, Redaction{Channel: ChannelLeft, Start: at, End: at + 8*time.Second})
	}
	for b.Loop() {
		f, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		out, err := c.Of(f)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := out.Seek(out.(*spliced).pieces[2].start, io.SeekStart); err != nil {
			b.Fatal(err)
		}
		if _, err := io.CopyN(io.Discard, out, 65536); err != nil {
			b.Fatal(err)
		}
		if err := out.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
