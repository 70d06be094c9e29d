// Package asterisk speaks with one Asterisk over ARI: events in, requests out, on a single websocket.
//
// # Contract
//
// [Client.Run] owns the connection. It connects, asks Asterisk what exists, delivers that as [Connected], then delivers
// every event in the order Asterisk sent them; when the socket is lost it delivers [Disconnected], waits (back-off with
// jitter) and starts over. What a consumer reads from [Client.Events] is therefore
//
//	(Connected event* [ApplicationReplaced] Disconnected)*
//
// The reader never waits for the consumer and drops nothing: events lie in an unbounded queue, whose depth is a gauge,
// because Asterisk closes a socket that is not read for websocket_write_timeout (100 ms by default).
//
// A channel may be listed in Connected and still be followed by its own StasisStart, when it entered the application
// while the lists were made: both say the same ([Channel.Args] is filled in either way), so the second is no news.
//
// Requests ([Client.Answer], [Client.Play], ...) go as RESTRequest frames on the same socket (Asterisk 22.4 and later).
// They may be made from any goroutine between Connected and Disconnected; at any other time, and when the socket dies
// under them, they fail at once with [ErrDisconnected]; after 5 s without an answer, with context.DeadlineExceeded. Both
// leave open whether Asterisk carried them out, or will. Every request can be repeated: the ids are the caller's, creating what exists and deleting what is gone are successes.
//
// # Who leads
//
// Asterisk gives an application to its newest connection. The older one receives ApplicationReplaced; the client then
// closes its socket, so that its requests cannot disturb the new leader, and connects again only after
// [Options.MayReconnect] says yes.
//
// # A trap: requests that wait for a playback
//
// Asterisk carries out answer, addChannel, removeChannel and the setting of a channel variable in the channel's own
// thread, makes the requester wait for it, and that thread is busy as long as a playback runs (control.c:
// stasis_app_send_command; res_stasis_playback.c: play_uri). On the websocket, where requests run one after another,
// such a request would hold up every other call. So the client notes which channels play something and sends these
// requests over an HTTP connection of their own meanwhile, and [Client.SetState] keeps a call's state in a SHARED()
// variable, which is written without that thread.
//
// # A trap: a playback that never begins
//
// [Client.DestroyBridge] answers before the channels have left. What is played to one of them meanwhile gets lost, with no
// event that says so: the channel is no longer found in the bridge that it still counts as its own (res_stasis_playback.c:
// play_uri; stasis/control.c: internal_bridge_after_cb). Who goes on with a channel takes it out first:
// [Client.RemoveFromBridge] answers when it has left.
//
// # What Asterisk must have
//
// The modules res_stasis_*, chan_rtp, func_global (SHARED) and res_http_websocket; in ari.conf a websocket_write_timeout
// of seconds rather than the default; in http.conf a sessionlimit well over 64, which is how many HTTP connections the
// client may open; the user not read_only.
//
// Sources: docs.asterisk.org "ARI REST over WebSocket"; res/ari/ari_websocket_requests.c; rest-api/api-docs/*.json.
package asterisk
