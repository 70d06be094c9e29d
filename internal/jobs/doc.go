// Package jobs is the one place that knows what follows what: when a leg is over, its recording is finished. Later steps
// (transcribe, score, make a task) begin here too.
//
// Jobs are kept by River in the database. Serve puts them in with an Inserter, in the transaction of the fact they
// follow from; the worker process runs them with a Worker. A job may run twice, and twins may run at once, so whatever
// a job writes is the same each time.
//
// A worker that dies is noticed by its lock, which PostgreSQL gives back with the connection: its jobs begin again
// within seconds rather than after River's hour.
package jobs
