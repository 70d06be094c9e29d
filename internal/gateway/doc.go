// Package gateway carries sound between agents' browsers (WebRTC) and Asterisk (RTP), and gives what passes to package
// recording. G.711 goes through end to end, and nothing is transcoded. Its Server is the process `hotline media`; its
// Client is how the controller tells it what to do.
//
// # Agents, connections, legs
//
// An agent has one connection while signed in, kept across calls. A newer offer of the same agent replaces the
// older connection once it is up, so that a failed attempt harms nothing; running legs go on through the new one.
//
// A leg (one part of it) is a UDP port that Asterisk's externalMedia channel talks to. What comes in on it goes to the
// agent's browser and to the left channel of its recording; what the browser sends goes out of it and to the right
// channel. An agent who has several legs at once hears and speaks on the one that was opened last.
//
//   - To the browser goes what Asterisk sends, with one SSRC, and with sequence numbers and timestamps that go on from
//     leg to leg; the first packet after a silence is marked (RFC 3551 section 4.1). Between legs nothing is sent: the
//     browser's jitter buffer takes that for silence.
//   - To Asterisk goes what the browser sends. When it has sent nothing for 200 ms, is gone, or the leg is held, silence
//     goes out every 20 ms instead, so that the caller's stream never stops. It is not recorded.
//   - Asterisk's address is that of its first packet from the port that PeerLeg told; until one comes, what PeerLeg told;
//     while it has told nothing, that of the first packet. Packets from elsewhere are dropped.
//
// # Who survives whom
//
// The gateway needs no controller: connections and legs go on while none is there, and a new one is given a
// snapshot. A leg is closed by the gateway itself only when no controller came and Asterisk sent nothing for a long time.
//
// # Pauses
//
// A pause of a recording (pause.go) belongs to the leg, over all its parts. It is asked for by a controller (pause_leg) or
// by the agent's browser on the data channel "recording" of its connection (browser.go), so that it works while no
// controller is there, and it is held here: the writers are silent at once, and the reply comes when the disk has the
// pause. Whoever opens a further part of the leg finds it there; when nothing can be said, the leg counts as paused.
//
// The browser sends {"id":1,"do":"pause","leg":"c.2"}, resume, or keep (it is still meant), and gets {"re":1} or
// {"re":1,"problem":{...}}, and a RecordingState whenever that changes.
//
// # Control protocol, version 1
//
// One websocket at /control, "Authorization: Bearer <token>", JSON text frames, at most 256 KiB. The first frame from the
// gateway is the snapshot; then events and replies. Requests are
//
//	{"id":7,"do":"open_leg","spec":{...}}            -> {"re":7,"rtp":"127.0.0.1:20002"}
//	{"id":8,"do":"peer_leg","leg":"c.2","part":1,"addr":"127.0.0.1:11000"} -> {"re":8}
//	{"id":9,"do":"hold_leg","leg":"c.2","part":1,"held":true}              -> {"re":9}
//	{"id":10,"do":"close_leg","leg":"c.2","part":1}  -> {"re":10}
//	{"id":13,"do":"pause_leg","leg":"c.2","on":true,"by":"u1","cause":"api"} -> {"re":13,"pauses":[...]}
//	{"id":11,"do":"offer","agent":"u1","sdp":"..."}  -> {"re":11,"sdp":"..."}
//	{"id":12,"do":"drop","agent":"u1"}               -> {"re":12}
//
// and a refused one is answered {"re":7,"problem":{"code":"no_port","detail":"..."}}. All may be repeated. Requests about
// legs are carried out in order, and so are requests about one agent's connection; the two do not wait for one another.
// Fields that are not known are ignored, on both sides, so that neighbouring versions understand one another.
//
// # Locks
//
// In this order: Server.mu, agent.mu, leg.mu, hub.mu, pausing.mu; pausing.op is taken with none of them held. Only leg.mu and agent.mu are taken for packets.
package gateway
