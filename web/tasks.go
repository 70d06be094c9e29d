package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hotline/customer"
	"hotline/task"
)

// Task is something that a person still has to do.
type Task struct {
	ID           int64      `json:"id"`
	Kind         task.Kind  `json:"kind" enum:"callback,follow-up,message"`
	State        task.State `json:"state" enum:"open,taken,done,dropped"`
	QueueID      string     `json:"queue_id"`
	CallID       string     `json:"call_id"`
	Leg          string     `json:"leg" doc:"The recording that it is about, of a voice message; empty for none, and once that is erased."`
	Caller       string     `json:"caller" doc:"The number of the call. Masked, unless it was to be revealed; empty when there is none."`
	CustomerID   int64      `json:"customer_id" doc:"0 for none."`
	CustomerName string     `json:"customer_name" doc:"Masked like the caller."`
	AgentID      string     `json:"agent_id" doc:"Who answered the call."`
	Note         string     `json:"note"`
	OwnerID      string     `json:"owner_id" doc:"Who has it, or did it."`
	OwnerName    string     `json:"owner_name"`
	Due          time.Time  `json:"due"`
	Late         bool       `json:"late" doc:"Due, and not closed."`
	MadeBy       string     `json:"made_by" doc:"flow, survey, or a user's id."`
	CreatedAt    time.Time  `json:"created_at"`
	ClosedAt     *time.Time `json:"closed_at,omitempty"`
	Reason       string     `json:"reason" doc:"What came of it, or why it was dropped."`
}

// TaskDetail is a task with its history.
type TaskDetail struct {
	Task
	History []TaskEvent `json:"history"`
}

// TaskEvent is one change of a task.
type TaskEvent struct {
	At   time.Time `json:"at"`
	By   string    `json:"by" doc:"Empty for the program."`
	Name string    `json:"name"`
	What string    `json:"what" enum:"added,taken,returned,done,dropped"`
	Note string    `json:"note"`
}

type tasksInput struct {
	Paging
	State string `query:"state" enum:"active,open,taken,closed,done,dropped" default:"active" doc:"active is open or taken, closed is done or dropped."`
	Kind  string `query:"kind" enum:"callback,follow-up,message"`
	Queue string `query:"queue" maxLength:"40"`
	Owner string `query:"owner" maxLength:"40" doc:"A user's id, or me."`
	Call  string `query:"call" maxLength:"120"`
}

type taskInput struct {
	ID     int64 `path:"task" minimum:"1"`
	Reveal bool  `query:"reveal" doc:"Whole number and name; an agent's only while the task is theirs. Each reveal is logged."`
}

type taskActInput struct {
	ID int64 `path:"task" minimum:"1"`
}

type taskNoteInput struct {
	ID   int64 `path:"task" minimum:"1"`
	Body struct {
		Note string `json:"note,omitempty" maxLength:"2000"`
	}
}

type taskDropInput struct {
	ID   int64 `path:"task" minimum:"1"`
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"500"`
	}
}

func (s *Server) registerTasks() {
	route(s, endpoint{method: http.MethodGet, path: "/tasks", id: "listTasks", right: RightTasks, summary: "Tasks, the first due first; closed ones the last closed first"}, s.listTasks)
	route(s, endpoint{method: http.MethodGet, path: "/tasks/{task}", id: "getTask", right: RightTasks, summary: "A task with its history"}, s.getTask)
	route(s, endpoint{method: http.MethodPost, path: "/tasks/{task}/take", id: "takeTask", right: RightTasks, summary: "Take a task"},
		func(ctx context.Context, who Who, in *taskActInput) (Task, error) {
			return s.taskChanged(ctx, who, "take", in.ID, func(v task.Viewer) (task.Task, error) { return s.tasks.Take(ctx, v, in.ID) })
		})
	route(s, endpoint{method: http.MethodPost, path: "/tasks/{task}/return", id: "returnTask", right: RightTasks, summary: "Give a task back to its queue"},
		func(ctx context.Context, who Who, in *taskNoteInput) (Task, error) {
			return s.taskChanged(ctx, who, "return", in.ID, func(v task.Viewer) (task.Task, error) { return s.tasks.Return(ctx, v, in.ID, in.Body.Note) })
		})
	route(s, endpoint{method: http.MethodPost, path: "/tasks/{task}/done", id: "finishTask", right: RightTasks, summary: "Close one's own task"},
		func(ctx context.Context, who Who, in *taskNoteInput) (Task, error) {
			return s.taskChanged(ctx, who, "done", in.ID, func(v task.Viewer) (task.Task, error) { return s.tasks.Done(ctx, v, in.ID, in.Body.Note) })
		})
	route(s, endpoint{method: http.MethodPost, path: "/tasks/{task}/drop", id: "dropTask", right: RightTasks, summary: "Close a task that is not to be done"},
		func(ctx context.Context, who Who, in *taskDropInput) (Task, error) {
			return s.taskChanged(ctx, who, "drop", in.ID, func(v task.Viewer) (task.Task, error) { return s.tasks.Drop(ctx, v, in.ID, in.Body.Reason) })
		})
}

// taskViewer is the person as package task knows them. Who sees a team's work may hand it out anew.
func taskViewer(who Who) task.Viewer {
	lead := who.Role != RoleAgent && who.Scope != ScopeOwn
	return task.Viewer{ID: string(who.ID), Scope: string(who.Scope), Team: who.Team, Lead: lead}
}

func (s *Server) taskOf(t task.Task, reveal bool) Task {
	if !reveal {
		t.Caller, t.CustomerName = customer.MaskPhone(t.Caller), customer.MaskName(t.CustomerName)
	}
	return Task{
		ID: t.ID, Kind: t.Kind, State: t.State, QueueID: t.Queue, CallID: t.Call, Leg: t.Leg, Caller: t.Caller, CustomerID: t.Customer,
		CustomerName: t.CustomerName, AgentID: t.Agent, Note: t.Note, OwnerID: t.Owner, OwnerName: t.OwnerName, Due: t.Due,
		Late: t.Closed == nil && t.Due.Before(s.now()), MadeBy: t.By, CreatedAt: t.Created, ClosedAt: t.Closed, Reason: t.Reason,
	}
}

func (s *Server) listTasks(ctx context.Context, who Who, in *tasksInput) (list[Task], error) {
	f := task.Filter{Kind: task.Kind(in.Kind), Queue: in.Queue, Owner: in.Owner, Call: in.Call, Limit: in.Limit + 1}
	if f.Owner == "me" {
		f.Owner = string(who.ID)
	}
	switch in.State {
	case "active":
	case "closed":
		f.Closed = true
	default:
		f.State = task.State(in.State)
		f.Closed = f.State == task.Done || f.State == task.Dropped
	}
	if in.After != "" {
		micros, id, _ := strings.Cut(in.After, "_")
		us, err := strconv.ParseInt(micros, 10, 64)
		last, err2 := strconv.ParseInt(id, 10, 64)
		if err != nil || err2 != nil {
			return list[Task]{}, invalid("query.after", "no place in this list")
		}
		f.After = &task.Place{At: time.UnixMicro(us).UTC(), ID: last}
	}
	found, err := s.tasks.List(ctx, taskViewer(who), f)
	if err != nil {
		return list[Task]{}, err
	}
	page := cut(found, in.Limit, func(t task.Task) string { return placeOf(t.Place().At, strconv.FormatInt(t.ID, 10)) })
	out := list[Task]{Items: make([]Task, len(page.Items)), Next: page.Next}
	for i, t := range page.Items {
		out.Items[i] = s.taskOf(t, false)
	}
	return out, nil
}

func (s *Server) getTask(ctx context.Context, who Who, in *taskInput) (TaskDetail, error) {
	t, events, err := s.tasks.Get(ctx, taskViewer(who), in.ID)
	if err != nil {
		return TaskDetail{}, err
	}
	if in.Reveal {
		theirs := t.State == task.Taken && t.Owner == string(who.ID)
		if !may(who.Role, who.Scope, RightReveal) || who.Scope == ScopeOwn && !theirs {
			return TaskDetail{}, newProblem(http.StatusForbidden, "forbidden", "take the task first; the number is for whoever does it")
		}
		if err := s.access.add(ctx, accessEntry{user: who.ID, action: actionReveal, object: taskObject(in.ID)}); err != nil {
			return TaskDetail{}, err
		}
	}
	d := TaskDetail{Task: s.taskOf(t, in.Reveal), History: make([]TaskEvent, len(events))}
	for i, e := range events {
		d.History[i] = TaskEvent(e)
	}
	return d, nil
}

func taskObject(task int64) string { return fmt.Sprintf("task:%d", task) }

// taskChanged carries a change out and logs it.
func (s *Server) taskChanged(ctx context.Context, who Who, did string, id int64, change func(task.Viewer) (task.Task, error)) (Task, error) {
	t, err := change(taskViewer(who))
	if err != nil {
		return Task{}, err
	}
	if err := s.changed(ctx, who, taskObject(id), map[string]any{"did": did}); err != nil {
		return Task{}, err
	}
	return s.taskOf(t, false), nil
}
