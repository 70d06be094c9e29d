package web

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/cti/id"
)

// Actions of the access log.
const (
	actionSignIn       = "sign_in"
	actionSignInFailed = "sign_in_failed"
	actionSignOut      = "sign_out"
	actionPlay         = "play_recording"
	actionDownload     = "download_recording"
	actionSee          = "see_recording"
	actionRead         = "read_transcript"
	actionReview       = "open_review"
	actionSearch       = "search_transcripts"
	actionExamples     = "read_examples"
	actionTrends       = "see_trends"
	actionReveal       = "reveal_customer"
	actionPop          = "pop_customer"
	actionExport       = "export"
	actionChange       = "change"
)

// accessEntry is one row of access_log.
type accessEntry struct {
	user   id.AgentID // "" before the sign-in
	action string
	object string
	detail map[string]any
	at     time.Time
	// denied: they asked for it, and did not get it.
	denied  bool
	address string // of the browser; when empty, that of the request
}

// accessLog writes who saw or changed what. What somebody asks for is logged before it is given; what the floor shows by
// itself must not wait for the database and is logged after.
type accessLog struct {
	db    *pgxpool.Pool
	log   *slog.Logger
	later chan accessEntry
}

func newAccessLog(db *pgxpool.Pool, log *slog.Logger) *accessLog {
	// 1,200 agents take at most some hundred calls a minute; this holds the pops of an outage of many minutes.
	return &accessLog{db: db, log: log, later: make(chan accessEntry, 8192)}
}

func (a *accessLog) add(ctx context.Context, e accessEntry) error {
	if e.detail == nil {
		e.detail = map[string]any{}
	}
	detail, err := json.Marshal(e.detail)
	if err != nil {
		return fmt.Errorf("encode an entry of the access log: %w", err)
	}
	if e.at.IsZero() {
		e.at = time.Now()
	}
	if e.address == "" {
		to, _ := ctx.Value(askedKey{}).(asked)
		e.address = to.address
	}
	_, err = a.db.Exec(ctx, `insert into access_log (at, user_id, action, object, detail, denied, address) values ($1, nullif($2, ''), $3, $4, $5, $6, $7)`,
		e.at, string(e.user), e.action, e.object, detail, e.denied, e.address)
	if err != nil {
		return fmt.Errorf("write the access log: %w", err)
	}
	return nil
}

// addLater never blocks.
func (a *accessLog) addLater(e accessEntry) {
	e.at = time.Now()
	select {
	case a.later <- e:
	default:
		a.log.Error("access log: entry lost, the database is away for too long", "agent", e.user, "action", e.action, "object", e.object)
	}
}

// run writes what addLater was given, and at the end what is left.
func (a *accessLog) run(ctx context.Context) error {
	for {
		select {
		case e := <-a.later:
			a.write(ctx, e)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
			defer cancel()
			for {
				select {
				case e := <-a.later:
					if err := a.add(last, e); err != nil {
						a.log.Error("access log: entry lost at the end", "agent", e.user, "action", e.action, "object", e.object, "error", err)
					}
				default:
					return nil
				}
			}
		}
	}
}

// write tries until the entry is written or ctx ends.
func (a *accessLog) write(ctx context.Context, e accessEntry) {
	for pause := time.Second; ; pause = min(2*pause, 30*time.Second) {
		err := a.add(ctx, e)
		if err == nil {
			return
		}
		if !isAway(err) && ctx.Err() == nil {
			a.log.Error("access log: entry lost", "agent", e.user, "action", e.action, "object", e.object, "error", err)
			return
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			a.addLater(e)
			return
		}
	}
}

// Popped logs the customers shown to an agent. It has the form of desk.Options.Popped, and doesn't block.
func (s *Server) Popped(agent id.AgentID, call id.CallID, customers []int64) {
	for _, c := range customers {
		s.access.addLater(accessEntry{user: agent, action: actionPop, object: customerObject(c), detail: map[string]any{"call": call}})
	}
}

func customerObject(c int64) string { return "customer:" + strconv.FormatInt(c, 10) }

func recordingObject(leg string) string { return "recording:" + leg }

// looked logs that somebody sees or hears something, before it is given to them.
func (s *Server) looked(ctx context.Context, who Who, action, object string, detail map[string]any) error {
	return s.access.add(ctx, accessEntry{user: who.ID, action: action, object: object, detail: detail})
}

// changed logs a change of settings by somebody.
func (s *Server) changed(ctx context.Context, who Who, object string, detail map[string]any) error {
	return s.access.add(ctx, accessEntry{user: who.ID, action: actionChange, object: object, detail: detail})
}

// AccessEntry is one row of the access log.
type AccessEntry struct {
	ID       int64          `json:"id"`
	At       time.Time      `json:"at"`
	UserID   string         `json:"user_id" doc:"Empty before the sign-in."`
	UserName string         `json:"user_name"`
	Action   string         `json:"action"`
	Object   string         `json:"object"`
	Detail   map[string]any `json:"detail"`
	Denied   bool           `json:"denied" doc:"It was asked for, and refused."`
	Address  string         `json:"address" doc:"Of the browser; empty where nobody asked."`
}

type accessInput struct {
	Paging
	Period
	User   string `query:"user" maxLength:"64"`
	Action string `query:"action" maxLength:"64"`
	Object string `query:"object" maxLength:"200" doc:"Whole, e.g. recording:c1.2."`
	Denied bool   `query:"denied" doc:"Only what was refused."`
}

func (s *Server) registerAccessLog() {
	route(s, endpoint{method: http.MethodGet, path: "/access-log", id: "listAccessLog", right: RightAccessLog, summary: "Who saw or changed what"}, s.listAccess)
}

func (s *Server) listAccess(ctx context.Context, _ Who, in *accessInput) (list[AccessEntry], error) {
	q := newQuery()
	q.period("l.at", in.Period)
	q.equal("l.user_id", "user", in.User)
	q.equal("l.action", "action", in.Action)
	q.equal("l.object", "object", in.Object)
	if in.Denied {
		q.conditions = append(q.conditions, "l.denied")
	}
	if in.After != "" {
		last, err := strconv.ParseInt(in.After, 10, 64)
		if err != nil {
			return list[AccessEntry]{}, invalid("query.after", "no place in this list")
		}
		q.add("l.id < @last", "last", last)
	}
	q.args["limit"] = in.Limit + 1
	rows, err := s.DB.Query(ctx, `select l.id, l.at, coalesce(l.user_id, '') as user_id, coalesce(u.name, '') as user_name, l.action, l.object, l.detail, l.denied, l.address
		from access_log l left join users u on u.id = l.user_id `+q.where()+` order by l.id desc limit @limit`, q.args)
	if err != nil {
		return list[AccessEntry]{}, err
	}
	items, err := pgx.CollectRows(rows, pgx.RowToStructByName[AccessEntry])
	if err != nil {
		return list[AccessEntry]{}, err
	}
	return cut(items, in.Limit, func(e AccessEntry) string { return strconv.FormatInt(e.ID, 10) }), nil
}
