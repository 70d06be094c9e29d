// Package calendar knows when the call centre is open: weekly hours, the office calendar of Taiwan with its holidays and
// its make-up working days, own days that differ, and a switch for emergencies. It is pure: the time is passed in.
//
// What decides, the first that applies:
//
//	emergency switch    closed, until its end or until it is switched off
//	own day             the hours of that day, or closed all day
//	holiday             Calendar.Holiday: closed all day unless hours are given
//	make-up working day Calendar.MakeUp
//	weekday             Calendar.Week
//
// A Saturday or Sunday on which offices are closed as on every other is no holiday: whoever answers on Saturdays does so
// on that one too. It is a holiday when the government's file names it, and a weekday is one whenever offices are closed.
//
// Import reads the government's yearly file (政府行政機關辦公日曆表); Shipped has the years that came with the program.
package calendar
