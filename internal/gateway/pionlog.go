package gateway

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// pionLogs lets pion write to our log. What it calls an error is mostly a browser that went away: that is told by
// events and metrics, so everything of pion's is for debugging.
type pionLogs struct{ log *slog.Logger }

// NewLogger makes the logger of one part of pion.
func (l pionLogs) NewLogger(scope string) logging.LeveledLogger {
	return pionLog{l.log.With("pion", scope)}
}

type pionLog struct{ log *slog.Logger }

func (l pionLog) say(level slog.Level, format string, args ...any) {
	if l.log.Enabled(context.Background(), level) {
		l.log.Log(context.Background(), level, fmt.Sprintf(format, args...))
	}
}

// finest is below slog's own levels: pion traces each packet.
const finest = slog.LevelDebug - 4

func (l pionLog) Trace(msg string)             { l.say(finest, "%s", msg) }
func (l pionLog) Tracef(f string, args ...any) { l.say(finest, f, args...) }
func (l pionLog) Debug(msg string)             { l.say(finest, "%s", msg) }
func (l pionLog) Debugf(f string, args ...any) { l.say(finest, f, args...) }
func (l pionLog) Info(msg string)              { l.say(finest, "%s", msg) }
func (l pionLog) Infof(f string, args ...any)  { l.say(finest, f, args...) }
func (l pionLog) Warn(msg string)              { l.say(slog.LevelDebug, "%s", msg) }
func (l pionLog) Warnf(f string, args ...any)  { l.say(slog.LevelDebug, f, args...) }
func (l pionLog) Error(msg string)             { l.say(slog.LevelDebug, "%s", msg) }
func (l pionLog) Errorf(f string, args ...any) { l.say(slog.LevelDebug, f, args...) }
