package cti

import (
	"hash/fnv"

	"hotline/cti/id"
	"hotline/ivr"
)

// Occasion is when a caller was asked a survey.
type Occasion string

// The occasions. A call that was made for a survey has none.
const (
	OccasionFlow  Occasion = "ivr"   // the flow asks, or asked beforehand whether the caller stays on the line for it
	OccasionKey   Occasion = "key"   // the agent sent the caller there
	OccasionAfter Occasion = "after" // the agent hung up
	OccasionLink  Occasion = "link"  // by a link, since the caller hung up first
)

// Asking is when the callers of a queue are asked the survey that its step names. Agents can neither see nor change whom it
// chooses.
type Asking struct {
	Agreed bool `json:"agreed"` // those who agreed in the flow
	Key    bool `json:"key"`
	After  bool `json:"after"`
	Link   bool `json:"link"`
	Share  int  `json:"share"` // of the callers in percent
	// Limited: the host says by CheckSurvey whom to spare, since they were asked lately or enough were asked today.
	Limited bool `json:"limited,omitempty"`
}

// everybody is how queues ask that say nothing of it.
var everybody = Asking{Agreed: true, Key: true, After: true, Share: 100}

func (q QueueConfig) asking() Asking {
	if q.Asking == nil {
		return everybody
	}
	return *q.Asking
}

// chosen says whether the call is among the share. It follows from the call's id alone, so that a replay and the next
// controller say the same, and so that nothing that an agent does bears upon it.
func (a Asking) chosen(call id.CallID) bool {
	h := fnv.New64a()
	_, _ = h.Write([]byte(call)) // never fails
	sum := h.Sum64()
	// FNV's low bits differ little for ids that differ in their last digit; fold the high ones in.
	sum ^= sum >> 33
	sum *= 0xff51afd7ed558ccd
	sum ^= sum >> 33
	return int(sum%100) < a.Share
}

// checkSurvey has the host say whether the caller is to be spared, while they talk. Who is not asked anyway is not looked up, and so
// holds no place of the limits.
func (f *Floor) checkSurvey(c *call) {
	c.st.Spared = false
	a := f.config(c.st.Queue).asking()
	if f.surveys[c.st.Survey] != nil && a.Limited && (c.st.Agreed && a.Agreed || a.chosen(c.id)) {
		f.do(CheckSurvey{Call: c.id, Leg: c.legID, Queue: c.st.Queue, Agent: c.agent.id, Survey: c.st.Survey, Customers: c.st.Customers})
	}
}

func (f *Floor) surveyChecked(c *call, ev SurveyChecked) {
	if c.legID == ev.Leg && c.agent != nil {
		c.st.Spared = ev.Spared
	}
}

// occasion is on which the caller is asked now that the agent has ended the talk, "" for none.
func (f *Floor) occasion(c *call, key bool) Occasion {
	a := f.config(c.st.Queue).asking()
	switch {
	case f.surveys[c.st.Survey] == nil || c.st.Spared:
	case c.st.Agreed && a.Agreed:
		return OccasionFlow
	case !a.chosen(c.id):
	case key && a.Key:
		return OccasionKey
	case a.After:
		return OccasionAfter
	}
	return ""
}

// afterTalk asks the caller, or goes on with the flow.
func (f *Floor) afterTalk(c *call, key bool) {
	if c.st.Occasion = f.occasion(c, key); c.st.Occasion == "" {
		f.walk(c, ivr.Left{Result: ivr.Done})
		return
	}
	f.beginSurvey(c)
}

// invite notes that the caller, who hung up first, is to be asked by a link.
func (f *Floor) invite(c *call) {
	s, a := f.surveys[c.st.Survey], f.config(c.st.Queue).asking()
	switch c.st.Phase {
	case PhaseTalking, PhaseHeld, PhaseAway:
		if s != nil && c.st.Asked == nil && a.Link && !c.st.Spared && a.chosen(c.id) {
			c.st.Asked = &Asked{Survey: s.ID, Version: s.Version, Occasion: OccasionLink}
		}
	case PhaseFlow, PhaseMessage, PhaseTransfer, PhaseQueue, PhaseRinging, PhaseConnecting, PhaseSurvey, PhaseEnding:
	}
}
