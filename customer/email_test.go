package customer

import (
	"regexp"
	"strings"
	"testing"
)

func TestEmailsAsTheyAreTyped(t *testing.T) {
	for raw, want := range map[string]string{
		"amy@example.com": "amy@example.com", "  Amy.Lee+x@Mail.Example.COM ": "Amy.Lee+x@mail.example.com", "ａｍｙ＠ｅｘａｍｐｌｅ．ｃｏｍ": "amy@example.com",
		"": "", "   ": "", "o'hara@example.org": "o'hara@example.org", "a@xn--fiqs8s.xn--kpry57d": "a@xn--fiqs8s.xn--kpry57d",
	} {
		if got, err := ParseEmail(raw); err != nil || got != want {
			t.Errorf("%q: %q %v, want %q", raw, got, err, want)
		}
	}
	for _, raw := range []string{
		"amy", "amy@", "@example.com", "amy@localhost", "amy lee@example.com", "a@b@example.com", "Amy <amy@example.com>", "amy@example.com, bob@example.com",
		"amy@example..com", ".amy@example.com", "amy.@example.com", "amy@-example.com", "amy@example.c", "王@example.com", "amy@example.com\r\nBcc: x@example.com",
		strings.Repeat("a", 65) + "@example.com", "a@" + strings.Repeat("a.", 130) + "com", "amy@10.0.0.1", `"amy"@example.com`,
	} {
		if got, err := ParseEmail(raw); err == nil {
			t.Errorf("%q is %q", raw, got)
		}
	}
}

// stored is what the table demands.
var stored = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)

// Whatever is typed, what comes out can be stored and is read again as itself.
func FuzzParseEmail(f *testing.F) {
	for _, seed := range []string{"amy@example.com", "", "ａ＠ｂ．ｃｏｍ", "a@b\n.com", "\x00@b.com"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := ParseEmail(raw)
		if err != nil {
			return
		}
		if got != "" && (!stored.MatchString(got) || len(got) > maxEmail) {
			t.Errorf("%q is %q", raw, got)
		}
		if again, err := ParseEmail(got); err != nil || again != got {
			t.Errorf("%q, again: %q %v", got, again, err)
		}
	})
}
