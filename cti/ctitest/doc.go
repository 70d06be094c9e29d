// Package ctitest plays scripts and simulated days on a cti.Floor, in virtual time, with a model of Asterisk and of the
// media gateway that can be late, out of order, and die.
//
// # Scripts
//
// A script says what people do, so that the same script can be played on the real thing. testdata has them with their
// output under each line; commit a changed output only if you understand what changed it.
//
//	# comment
//	+2s a1 is ready
//
// is: two seconds after the line before, agent a1 signs in, with sound, and is ready. Callers are c1, c2..., agents a1,
// a2.... Agents serve the queues order and service of Config.
//
//	c1 dials [anonymous]     c1 presses 12#          c1 hangs up
//	c1 is called             (by a campaign, and has answered)
//
//	a1 signs in              a1 is ready             a1 signs out
//	a1 ready                 a1 not ready lunch      a1 next not ready lunch
//	a1 next ready            a1 next nothing
//	a1 answers [leg]         a1 declines [leg]       a1 hangs up [leg]
//	a1 holds                 a1 resumes              a1 sends to survey
//	a1 disposes done
//	a1 opens desk            a1 closes desk          a1 loses media       a1 regains media
//
//	asterisk is lost         asterisk is back        asterisk dies        (its channels with it)
//	controller dies          controller starts       gateway dies         gateway is back
//	leg dies c1.2 1          next fails bridge       queue has order a1 a2
//	flow is swapped          flow is first           (a version is published, and taken back)
//	time passes
//
// A leg as argument stands for a desk that is behind: it asks for what it still shows.
// The invariants of checks.go are held to here too; that of the callers in silence every 15 s, so that a script which is
// about what a caller hears ends with a longer pause.
//
// # Simulation
//
// Sim plays a floor with callers and agents who behave like people, from a seed. After each step it checks the
// invariants of checks.go, from the commands alone, and an error tells the seed. The checks are themselves checked:
// mutation_test.go breaks the Floor in one way for each.
package ctitest
