// Package flowstore keeps the flows and surveys of a site as versions in the database: one of each name is live, one may be
// a draft that somebody works on, the others were live once and never change.
//
//	draft --Publish--> live --the next Publish, GoBack or Put--> retired
//	                     ^---------------GoBack (as a new version)---'
//
// A draft may have faults; what goes live has none but warnings. A running call finishes on the version that it began
// with, which it names by the hash of the text: [Shelf] finds it, also while the database is away.
package flowstore
