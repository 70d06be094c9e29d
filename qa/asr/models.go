package asr

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ModelsDir is where models lie unless told otherwise: HOTLINE_MODELS, else the user's cache folder.
func ModelsDir() (string, error) {
	if dir := os.Getenv("HOTLINE_MODELS"); dir != "" {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the folder for models: %w; set HOTLINE_MODELS", err)
	}
	return filepath.Join(cache, "hotline", "models"), nil
}

// preferred are beginnings of model folders' names, the best for Mandarin on the telephone first.
var preferred = []string{"sense-voice", "sherpa-onnx-sense-voice", "paraformer", "sherpa-onnx-paraformer", "whisper"}

// FindModel is the best model folder in dir for recognition, or an error that says what to do.
func FindModel(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		return "", fmt.Errorf("look for models: %w", err)
	}
	best, rank := "", len(preferred)
	for _, e := range entries {
		i := slices.IndexFunc(preferred, func(p string) bool { return strings.HasPrefix(strings.ToLower(e.Name()), p) })
		if e.IsDir() && i >= 0 && i < rank {
			best, rank = filepath.Join(dir, e.Name()), i
		}
	}
	if best == "" {
		return "", fmt.Errorf("%w: there is no model in %s; fetch one with: hotline models install", ErrUnavailable, dir)
	}
	return best, nil
}
