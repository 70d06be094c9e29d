// Package devstack starts real parts for development and for end-to-end tests: Asterisk, PostgreSQL and our own
// processes, each in a run folder of its own, many side by side on one machine.
//
// A Spec says how one process is started, when it is ready and how it is stopped. Start runs a Spec for a test;
// Supervisor runs several in order and starts again what dies. PrepareAsterisk and PreparePostgres make Specs.
//
//	         Launch            probe says yes
//	(down) ─────────► starting ──────────────► ready
//	  ▲                  │ too late, or died     │ died
//	  └── back-off ◄─────┴───────────────────────┘
//
// What is stopped is exactly what was started: a process is known by its pid together with the kernel's start time, and
// is signalled as a group. Mounts belong to the process (a mount namespace), so they vanish with it.
package devstack
