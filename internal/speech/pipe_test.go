package speech

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestFramesComeBack(t *testing.T) {
	var wire bytes.Buffer
	want := []float32{0, 1, -1, 0.25}
	if err := Write(&wire, Reply{ID: 7, Rate: 24000}, want); err != nil {
		t.Fatal(err)
	}
	if err := Write(&wire, Request{ID: 8, Speak: &Speak{Text: "您好"}}, nil); err != nil {
		t.Fatal(err)
	}
	var reply Reply
	got, err := Read(&wire, &reply)
	if err != nil || reply.ID != 7 || reply.Rate != 24000 || !slices.Equal(got, want) {
		t.Errorf("%+v %v %v", reply, got, err)
	}
	var request Request
	if got, err := Read(&wire, &request); err != nil || request.Speak == nil || request.Speak.Text != "您好" || len(got) != 0 {
		t.Errorf("%+v %v %v", request, got, err)
	}
	if _, err := Read(&wire, &request); !errors.Is(err, io.EOF) {
		t.Errorf("at the end: %v", err)
	}
}

func TestReadRefusesBrokenFrames(t *testing.T) {
	for name, wire := range map[string]string{
		"text":          "Loading the model ...",
		"cut short":     "\x02\x00\x00\x00\x04\x00\x00\x00{}",
		"odd body":      "\x02\x00\x00\x00\x03\x00\x00\x00{}abc",
		"no JSON":       "\x02\x00\x00\x00\x00\x00\x00\x00ab",
		"half a header": "\x02\x00",
	} {
		var r Reply
		if _, err := Read(strings.NewReader(wire), &r); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := Write(io.Discard, make(chan int), nil); err == nil {
		t.Error("a head that is no JSON was sent")
	}
	if err := Write(io.Discard, 0, make([]float32, MaxBody/4+1)); err == nil {
		t.Error("a frame beyond the limit was sent")
	}
}

func FuzzRead(f *testing.F) {
	var wire bytes.Buffer
	if err := Write(&wire, Reply{ID: 1, Rate: 8000}, []float32{1, 2}); err != nil {
		f.Fatal(err)
	}
	f.Add(wire.Bytes())
	f.Add([]byte("\xff\xff\xff\xff\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var r Reply
		if samples, err := Read(bytes.NewReader(data), &r); err == nil && 4*len(samples) > len(data) {
			t.Errorf("%d samples out of %d bytes", len(samples), len(data))
		}
	})
}
