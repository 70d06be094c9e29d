package flowstore

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Upload is a recording that somebody has put in place of what an engine would speak.
type Upload struct {
	Key        string    `db:"key"` // of language and text
	Lang       string    `db:"lang"`
	Text       string    `db:"text"`
	Sound      []byte    `db:"sound"` // mu-law, 8 kHz, mono; empty where only the uploads are listed
	Seconds    float32   `db:"seconds"`
	File       string    `db:"file"` // name of what was taken
	UploadedBy string    `db:"uploaded_by"`
	UploadedAt time.Time `db:"uploaded_at"`
	Uploader   string    `db:"uploader"` // name of UploadedBy
}

const uploadColumns = `u.key, u.lang, u.text, u.seconds, u.file, u.uploaded_by, u.uploaded_at, coalesce(p.name, '') as uploader, `

// Uploads are all of them, by language and text; with their sound where it is wanted.
func (s *Store) Uploads(ctx context.Context, sound bool) ([]Upload, error) {
	rows, err := s.db.Query(ctx, `select `+uploadColumns+`case when $1 then u.sound else ''::bytea end as sound
		from phrase_uploads u left join users p on p.id = u.uploaded_by order by u.lang, u.text`, sound)
	if err != nil {
		return nil, fmt.Errorf("list uploaded phrases: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[Upload])
	if err != nil {
		return nil, fmt.Errorf("list uploaded phrases: %w", err)
	}
	return all, nil
}

// PutUpload keeps a recording, in place of one that was there.
func (s *Store) PutUpload(ctx context.Context, u Upload) error {
	_, err := s.db.Exec(ctx, `insert into phrase_uploads (key, lang, text, sound, seconds, file, uploaded_by) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (key) do update set sound = $4, seconds = $5, file = $6, uploaded_by = $7, uploaded_at = now()`,
		u.Key, u.Lang, u.Text, u.Sound, u.Seconds, u.File, u.UploadedBy)
	if err != nil {
		return fmt.Errorf("keep an uploaded phrase: %w", err)
	}
	return nil
}

// DropUpload removes a recording, so that an engine speaks the phrase again.
func (s *Store) DropUpload(ctx context.Context, key string) error {
	tag, err := s.db.Exec(ctx, `delete from phrase_uploads where key = $1`, key)
	if err == nil && tag.RowsAffected() == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("remove an uploaded phrase: %w", err)
	}
	return nil
}
