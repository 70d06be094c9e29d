// Package cti is the heart of the system: every call, agent and queue, and what happens to them.
//
// A [Floor] is a state machine without input or output. Its host (internal/exchange) gives it facts, one at a time, and
// carries out the commands that come back:
//
//	for ev := range facts {
//		for _, cmd := range floor.Step(time.Now(), ev) {
//			carryOut(cmd) // later, elsewhere; what comes of it is a fact again
//		}
//	}
//
// Step never blocks, never fails, reads no clock and makes up no identity, so the same facts at the same times yield the
// same commands: a day can be replayed, and a simulator can look for trouble faster than callers find it.
//
// # A call
//
//	CallArrived ─► flow ──queue step──► queue ◄──────────────┐ not answered, declined, withdrawn,
//	                ▲ ▲                   │ agent able       │ leg did not come up: the old place
//	                │ │ timeout,          ▼                  │
//	                │ └─unstaffed──── ringing ───────────────┤
//	                │                     │ AgentAnswered    │
//	                │                     ▼                  │
//	                │                 connecting ────────────┤
//	                │                     │ LegUp            │ media away too long: the front
//	                │                     ▼                  │
//	                │       held ◄──► talking ◄──► away ─────┘
//	                │         │           │           │
//	                │         └─── AgentHungUp, AgentToSurvey
//	                │                     ▼
//	                └──────────────── survey (if the queue step names one)
//	flow ──message step──► message ──a key, the longest time──► flow
//	flow ──transfer step──► transfer ──the other side hangs up, or does not answer──► flow
//	flow ──hang up──► ending ──CallerGone──► (gone); CallerGone ends a call in every phase
//
// A call that a campaign made (CallArrived.Made) begins in the survey, has no flow, and ends with it.
//
// # A leg
//
// Leg 1 is the caller. Each offer to an agent is a new leg. The leg has no channel until it is answered; then its sound
// is connected as part 1, and as a further part whenever the channel or the agent's sound was lost. A part is
//
//	none ──ConnectLeg──► making ──LegUp──► up ──DropLeg, LegGone──► none
//
// Its recording begins with the first ConnectLeg and ends with FinishRecording, whatever happens between. A voice message and
// a telephone outside are legs without an agent; of the latter nothing is recorded.
//
// # An agent
//
//	signed_out ◄──────► not_ready ◄──────► ready ──offer──► ringing ──AgentAnswered──► talking
//	                        ▲                ▲                 │                          │ leg ends
//	                        │                │                 ├─ withdrawn ─► ready      ▼
//	                        │                └─────────────────│────────────────────── wrap_up
//	                        └── not answered, declined ────────┘   disposition, deadline, next state
//
// Desk and media come and go beside that. Only a ready agent with both is offered calls. When the desk goes, a talk goes
// on and a ring is taken back; when the media go, a talk waits for them with music and a ring is taken back.
//
// # The contract with the host
//
// Facts:
//
//   - The first event of a Floor is [Configured]. After a restart come then [AgentRestored] for each agent,
//     [AsteriskReconnected], and only then what desks and the gateway tell, the gateway beginning with [LegsFound].
//   - Facts about one channel come in the order in which they happened. Facts about different channels may come in any
//     order. A fact that no longer applies yields an [Anomaly] and changes nothing; the echo of a command of ours that
//     was overtaken (the end of a playback that we stopped) yields nothing at all.
//   - [CallerGone] is the last fact of a call. The commands it yields are still carried out.
//
// Commands:
//
//   - The commands of one call are carried out in order, those of different calls independently. [Remember] comes first
//     among those of its call in a Step, so that a controller that dies between any two commands leaves a state from
//     which the next one goes on. Every command may be repeated without harm.
//   - Save*, [Walked], [OweRecording], [KeepMessage], [Tell], [SetTimer], [StopTimer], [LookUpCustomer], [CheckSurvey], [Refused] and [Anomaly] concern no channel: the host
//     does them at once, and goes on with them while Asterisk is away.
//   - A timer that was set again or stopped is dead: its firing is recognised by its generation, and ignored.
//   - A survey answer and a disposition are safe before anything follows from them: the caller hears the next question,
//     and the agent leaves the wrap-up, after [AnswerSaved] and [DispositionSaved].
//   - Agents' requests carry a number. Either the request is carried out, or [Refused] names the number and a
//     [RefusalCode], and nothing else has changed. To ask for what is so already is granted, so that a desk may ask again.
package cti
