// Package aritest is an Asterisk for tests: it speaks ARI as Asterisk 22 does, in memory, without a port, and within the
// bubble of testing/synctest as well as outside.
//
// By itself it is lenient: it keeps channels, bridges, playbacks and variables, answers every request about them the way
// Asterisk would, and sends the events that follow (one scenario of the client's tests runs against both). A test says what happens outside ([Server.Arrive], [Server.Digit],
// [Server.HangUp]), and where it wants something else it says so: [Server.Expect] answers one request by script and
// fails the test if that request does not come, [Server.On] answers as many as come. Faults of the connection are
// [Server.Drop], [Server.Refuse], [Server.Freeze], [Server.Replace] and, for broken frames, [Server.SendRaw].
package aritest
