// Package surveylink lets customers answer a survey on a web page, by a link that was sent to them.
//
// A link holds a random token of 128 bits, of which the database has the hash. It is for one response to one version of a
// survey: each answer is stored as it is given and may be changed until the last question has one; after that, and after its
// time, the link is refused. There is one link for a call and a survey, and none where the caller was asked by telephone.
//
// Answers and offers are those of package report, with way link.
package surveylink
