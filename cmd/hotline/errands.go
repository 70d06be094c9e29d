package main

import (
	"context"
	"fmt"

	"hotline/internal/services"
	"hotline/ivr"
	"hotline/task"
)

// errands does what flows want done: the services of the configuration, and the task that a caller leaves.
type errands struct {
	services *services.Services
	tasks    *task.Store
}

func (e errands) Do(ctx context.Context, what services.Errand) (ivr.Returned, error) {
	if what.Service != ivr.ServiceTask {
		return e.services.Do(ctx, what)
	}
	kind := task.FollowUp
	if what.Fields["kind"] == ivr.TaskCallback {
		kind = task.Callback
	}
	// The caller's number is the call's. A step leaves one task in a call, also when a controller died meanwhile.
	_, err := e.tasks.Add(ctx, task.New{
		Key: fmt.Sprintf("flow/%s/%s", what.Call, what.Step), Kind: kind, Queue: what.Fields["queue"], Call: string(what.Call), Note: what.Fields["note"],
	})
	if err != nil {
		return ivr.Returned{Result: ivr.Failed}, fmt.Errorf("leave a task: %w", err)
	}
	return ivr.Returned{Result: ivr.Found}, nil
}
