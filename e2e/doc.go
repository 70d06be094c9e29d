// Package e2e runs the whole of Hotline on real parts (Asterisk, PostgreSQL, the media gateway, Chromium, SIP phones) and
// asserts on what a person would notice: the sound that arrived, the text on the screen, the file on disk, the row in
// the table, before and after something is killed.
package e2e
