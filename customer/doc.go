// Package customer knows who is calling: phone numbers in one form, the customers on a number, and what happened with
// them before, over all channels.
//
// Numbers are stored in E.164 and compared in that form alone, so that a customer is found however a person or a trunk
// wrote the number. Several customers may share a number; then a person chooses. What a screen or a log shows of people
// who need not know more is made by MaskPhone and MaskName.
package customer
