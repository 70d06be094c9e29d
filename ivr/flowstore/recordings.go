package flowstore

import (
	"context"
	"sync"

	"hotline/internal/g711"
)

// Recordings are the uploaded ones in memory, so that a caller hears them without a question to the database. They are looked
// for before any other sound of a phrase.
type Recordings struct {
	store *Store
	key   func(lang, text string) string

	mu   sync.Mutex
	have map[string]Upload // by key; guarded by mu
}

// NewRecordings holds nothing before the first Load; key names phrases as the uploads do.
func NewRecordings(store *Store, key func(lang, text string) string) *Recordings {
	return &Recordings{store: store, key: key}
}

// Load reads what is uploaded now. When that fails, what was read before stays.
func (r *Recordings) Load(ctx context.Context) error {
	all, err := r.store.Uploads(ctx, true)
	if err != nil {
		return err
	}
	have := map[string]Upload{}
	for _, u := range all {
		have[u.Key] = u
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.have = have
	return nil
}

// Recording returns the 8 kHz samples of a phrase, or false when nobody has uploaded any.
func (r *Recordings) Recording(lang, text string) ([]int16, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	u, ok := r.have[r.key(lang, text)]
	if !ok {
		return nil, false
	}
	return g711.DecodeUlaw(u.Sound), true
}
