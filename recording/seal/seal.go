// Package seal encrypts recordings, each with a key of its own that is not kept with it.
//
// A sealed file is an age file (https://age-encryption.org/v1): ChaCha20-Poly1305 in chunks of 64 KiB, so that any second
// of it is read and proved without the rest. Where age would put the wrapped file key, the header only names the recording:
//
//	-> hotline-kept-key <name>
//
// The file key is wrapped by a master key, as a small age file too, and the caller keeps that apart (table
// recording_keys). So a master key is changed by wrapping the file keys anew, without touching a recording, and a recording
// whose wrapped key is thrown away can be read by nobody, whatever copies of it there are.
//
// A master key is an age identity (AGE-SECRET-KEY-1...), as age-keygen makes them.
package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"filippo.io/age"
)

// Wrapped is the key of one file, for keeping.
type Wrapped struct {
	Master string // which master key wraps it: its public half
	Data   []byte
}

// UnknownMasterError means that a file key is wrapped by a master key that is not there.
type UnknownMasterError struct{ Master string }

func (e *UnknownMasterError) Error() string {
	return fmt.Sprintf("the master key %s is not among those known: add it to recordings.keys", e.Master)
}

// Keys are the master keys.
type Keys struct{ masters []*age.X25519Identity }

// First names the master key that seals.
func (k *Keys) First() string { return k.masters[0].Recipient().String() }

// Names names all master keys, the one that seals first.
func (k *Keys) Names() []string {
	names := make([]string, len(k.masters))
	for i, m := range k.masters {
		names[i] = m.Recipient().String()
	}
	return names
}

func (k *Keys) wrap(fileKey []byte) (Wrapped, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, k.masters[0].Recipient())
	if err != nil {
		return Wrapped{}, fmt.Errorf("wrap the key of a recording: %w", err)
	}
	if _, err := w.Write(fileKey); err != nil {
		return Wrapped{}, fmt.Errorf("wrap the key of a recording: %w", err)
	}
	if err := w.Close(); err != nil {
		return Wrapped{}, fmt.Errorf("wrap the key of a recording: %w", err)
	}
	return Wrapped{Master: k.First(), Data: out.Bytes()}, nil
}

func (k *Keys) unwrap(w Wrapped) ([]byte, error) {
	i := slices.Index(k.Names(), w.Master)
	if i < 0 {
		return nil, &UnknownMasterError{w.Master}
	}
	r, err := age.Decrypt(bytes.NewReader(w.Data), k.masters[i])
	if err != nil {
		return nil, fmt.Errorf("unwrap the key of a recording: %w", err)
	}
	fileKey, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("unwrap the key of a recording: %w", err)
	}
	return fileKey, nil
}

// Rewrap wraps the file key by the first master key, whichever wraps it now.
func (k *Keys) Rewrap(w Wrapped) (Wrapped, error) {
	fileKey, err := k.unwrap(w)
	if err != nil {
		return Wrapped{}, err
	}
	return k.wrap(fileKey)
}

// Seal returns a writer that encrypts to dst, and the wrapped key. The file is whole when the writer was closed without
// an error. name is bound to the file: it opens under no other.
func (k *Keys) Seal(dst io.Writer, name string) (io.WriteCloser, Wrapped, error) {
	kept := keeper{name: name}
	w, err := age.Encrypt(dst, &kept)
	if err != nil {
		return nil, Wrapped{}, fmt.Errorf("seal %s: %w", name, err)
	}
	wrapped, err := k.wrap(kept.fileKey)
	if err != nil {
		return nil, Wrapped{}, err
	}
	return w, wrapped, nil
}

// Open returns the sound of a sealed file of so many bytes, and how long it is. Each chunk is proved when it is read, and
// the length at once.
func (k *Keys) Open(w Wrapped, name string, sealed io.ReaderAt, size int64) (io.ReaderAt, int64, error) {
	fileKey, err := k.unwrap(w)
	if err != nil {
		return nil, 0, err
	}
	plain, length, err := age.DecryptReaderAt(sealed, size, &holder{name, fileKey})
	if err != nil {
		return nil, 0, fmt.Errorf("open the sealed file of %s: %w", name, err)
	}
	return plain, length, nil
}

// Read is Open for reading from beginning to end.
func (k *Keys) Read(w Wrapped, name string, sealed io.Reader) (io.Reader, error) {
	fileKey, err := k.unwrap(w)
	if err != nil {
		return nil, err
	}
	plain, err := age.Decrypt(sealed, &holder{name, fileKey})
	if err != nil {
		return nil, fmt.Errorf("open the sealed file of %s: %w", name, err)
	}
	return plain, nil
}

// stanza is the type of the header's only entry.
const stanza = "hotline-kept-key"

// keeper is a recipient that keeps the file key rather than writing it into the file.
type keeper struct {
	name    string
	fileKey []byte
}

// Wrap is age's.
func (k *keeper) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	k.fileKey = slices.Clone(fileKey)
	return []*age.Stanza{{Type: stanza, Args: []string{k.name}}}, nil
}

// holder is the identity that gives back what a keeper kept. That the key is the file's, and the name unchanged, is shown
// by the header's MAC, which age checks with the key.
type holder struct {
	name    string
	fileKey []byte
}

var errOther = errors.New("it is sealed as another recording")

// Unwrap is age's.
func (h *holder) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != stanza || !slices.Equal(stanzas[0].Args, []string{h.name}) {
		return nil, errOther
	}
	return h.fileKey, nil
}
