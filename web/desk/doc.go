// Package desk is the websocket between the floor and the browsers: one snapshot, then numbered changes, resumed after a
// break. docs/desk-protocol.md describes it from the browser's side.
//
// # Order and ownership
//
// The Hub holds, for each agent, the newest message of every type and a short ring of what was said last. Whoever has
// news calls Tell, Pop, Floor, Config or Health: these encode once, number the message under the Hub's lock, put it into
// the backlog of the connections concerned and return. They never wait for a browser.
//
// A connection has three goroutines: the reader (the caller of Serve), which turns frames into requests to the Floor, one
// after the other; the writer, which alone writes; and the keeper, which asks now and then whether the session still
// lives. A backlog is bounded: past the bound all states in it are dropped, and the writer sends a fresh snapshot as soon
// as the browser takes frames again. Replies are never dropped; who lets 64 of them pile up is disconnected.
//
// Numbers are the Hub's and not the connection's, so that a message to many is encoded once. They grow, with gaps. The
// epoch is made with the Hub: a new process can't resume what an old one said.
//
// Lock order: Hub.mu before conn.mu. presence.mu is outside both and held while the Floor is asked, so that DeskConnected
// and DeskLost reach it in the order in which they became true.
package desk
