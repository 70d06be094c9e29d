package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// headsFile is the name of the copy in a folder: a line of JSON for each signed head, only ever appended to.
const headsFile = "hotline-recording-heads.jsonl"

// appendHeads adds the heads that the folder's copy lacks.
func appendHeads(folder string, heads []Head) error {
	known, damaged, err := readHeads(folder)
	if err != nil {
		return err
	}
	type name struct {
		seq int64
		key string
	}
	there := map[name]bool{}
	for _, h := range known {
		there[name{h.Seq, h.Key}] = true
	}
	var lines []byte
	if len(damaged) > 0 {
		lines = append(lines, '\n') // the last line may have been cut short
	}
	for _, h := range heads {
		if there[name{h.Seq, h.Key}] {
			continue
		}
		line, err := json.Marshal(h)
		if err != nil {
			return fmt.Errorf("encode a signed head: %w", err)
		}
		lines = append(append(lines, line...), '\n')
	}
	if len(bytes.TrimSpace(lines)) == 0 {
		return nil
	}
	return appendFile(filepath.Join(folder, headsFile), lines)
}

func appendFile(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o640)
	if err != nil {
		return fmt.Errorf("keep a copy of the signed heads: %w; see evidence.copies", err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("keep a copy of the signed heads: %w", err)
	}
	return nil
}

// readHeads reads a folder's copy, and which of its lines are no heads. A copy that is not there is empty.
func readHeads(folder string) (heads []Head, damaged []int, err error) {
	raw, err := os.ReadFile(filepath.Join(folder, headsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the copy of the signed heads: %w", err)
	}
	for n, line := range bytes.Split(raw, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var h Head
		if err := json.Unmarshal(line, &h); err != nil {
			damaged = append(damaged, n+1)
			continue
		}
		heads = append(heads, h)
	}
	return heads, damaged, nil
}
