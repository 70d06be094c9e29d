package ctitest

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"hotline/cti"
	"hotline/cti/id"
)

// DescribeEvent writes a fact in one line, as scripts show it.
func DescribeEvent(ev cti.Event) string {
	words := []string{cti.EventKind(ev)}
	add := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	switch ev := ev.(type) {
	case cti.CallArrived:
		add("%s", ev.Call)
		if ev.Anonymous {
			add("anonymous")
		}
		if ev.Made != nil {
			add("for %s survey %s", ev.Made.Campaign, ev.Made.Survey)
		}
	case cti.CallerGone:
		add("%s", ev.Call)
	case cti.DigitPressed:
		add("%s %s", ev.Call, ev.Digit)
	case cti.PlayFinished:
		add("%s %d", ev.Call, ev.Play)
	case cti.LegUp:
		add("%s part %d", ev.Leg, ev.Part)
	case cti.LegGone:
		add("%s part %d", ev.Leg, ev.Part)
	case cti.CustomerFound:
		add("%s %v", ev.Call, ev.Customers)
	case cti.SurveyChecked:
		add("%s spared %t", ev.Leg, ev.Spared)
	case cti.ErrandDone:
		add("%s %s", ev.Call, ev.Result)
	case cti.AnswerSaved:
		add("%s %s", ev.Call, ev.Question)
	case cti.DispositionSaved:
		add("%s %s", ev.Agent, ev.Call)
	case cti.CommandFailed:
		add("%s %s", ev.Command, ev.Call)
	case cti.TimerFired:
		add("%s", describeTimer(ev.Timer))
	case cti.AgentRestored:
		add("%s %s", ev.View.Agent, ev.View.State)
	case cti.AsteriskReconnected:
		for _, r := range ev.Calls {
			add("%s", describeRestored(r))
		}
	default:
		add("%s", describeRequest(ev))
	}
	return strings.TrimRight(strings.Join(words, " "), " ")
}

func describeRestored(r cti.Restored) string {
	s := string(r.Call)
	switch {
	case !r.Up:
		s += ":gone"
	case r.State != nil:
		s += ":" + string(r.State.Phase)
	}
	for _, p := range r.Parts {
		s += fmt.Sprintf("+%s/%d", p.Leg, p.Part)
	}
	return s
}

// describeRequest writes what an agent asked for, or what became of the agent's desk.
func describeRequest(ev cti.Event) string {
	switch ev := ev.(type) {
	case cti.DeskConnected:
		return string(ev.Agent)
	case cti.DeskLost:
		return string(ev.Agent)
	case cti.MediaConnected:
		return string(ev.Agent)
	case cti.MediaLost:
		return string(ev.Agent)
	case cti.AgentReady:
		return string(ev.Agent)
	case cti.AgentNotReady:
		return fmt.Sprintf("%s %s", ev.Agent, ev.Reason)
	case cti.AgentAnswered:
		return fmt.Sprintf("%s %s", ev.Agent, ev.Leg)
	case cti.AgentDeclined:
		return fmt.Sprintf("%s %s", ev.Agent, ev.Leg)
	case cti.AgentHungUp:
		return fmt.Sprintf("%s %s", ev.Agent, ev.Leg)
	case cti.AgentHeld:
		return fmt.Sprintf("%s %s", ev.Agent, ev.Leg)
	case cti.AgentResumed:
		return fmt.Sprintf("%s %s", ev.Agent, ev.Leg)
	case cti.AgentToSurvey:
		return fmt.Sprintf("%s %s", ev.Agent, ev.Leg)
	case cti.AgentDisposed:
		return fmt.Sprintf("%s %s %s", ev.Agent, ev.Call, ev.Code)
	case cti.AgentNextState:
		return strings.TrimRight(fmt.Sprintf("%s %s %s", ev.Agent, ev.State, ev.Reason), " ")
	case cti.AgentSignedOut:
		return string(ev.Agent)
	default:
		return ""
	}
}

func describeTimer(t cti.Timer) string {
	if t.Call != "" {
		return fmt.Sprintf("%s %s", t.Call, t.Kind)
	}
	return fmt.Sprintf("%s %s", t.Agent, t.Kind)
}

// describeCommand writes a command in one line.
func describeCommand(now time.Time, cmd cti.Command) string {
	kind := cti.CommandKind(cmd)
	switch cmd := cmd.(type) {
	case cti.Remember:
		return fmt.Sprintf("%s %s %s", kind, cmd.Call, describeState(cmd.State))
	case cti.Play:
		var text []string
		for _, p := range cmd.Phrases {
			text = append(text, cmp.Or(p.Text, string(p.Lang)))
		}
		return fmt.Sprintf("%s %s %d %s", kind, cmd.Call, cmd.Play, strings.Join(text, " "))
	case cti.StopPlay:
		return fmt.Sprintf("%s %s %d", kind, cmd.Call, cmd.Play)
	case cti.OweRecording:
		return fmt.Sprintf("%s %s %s%s", kind, cmd.Leg, cmd.Agent, describeRefused(cmd.Refused))
	case cti.ConnectLeg:
		return describeLeg(kind, cmd.Leg, cmd.Part) + describeRefused(cmd.Refused)
	case cti.DialOut:
		return describeLeg(kind, cmd.Leg, cmd.Part) + " to " + cmd.To
	case cti.Bridge:
		return describeLeg(kind, cmd.Leg, cmd.Part)
	case cti.Hold:
		return describeLeg(kind, cmd.Leg, cmd.Part)
	case cti.DropLeg:
		return describeLeg(kind, cmd.Leg, cmd.Part)
	case cti.FinishRecording:
		return fmt.Sprintf("%s %s %s", kind, cmd.Leg, cmd.Agent)
	case cti.SetTimer:
		return fmt.Sprintf("%s %s in %s", kind, describeTimer(cmd.Timer), cmd.At.Sub(now).Round(time.Second))
	case cti.StopTimer:
		return fmt.Sprintf("%s %s", kind, describeTimer(cmd.Timer))
	case cti.SaveAnswer:
		return strings.TrimRight(fmt.Sprintf("%s %s %s=%d %s", kind, cmd.Call, cmd.Question, cmd.Value, cmd.Leg), " ")
	case cti.SaveDisposition:
		return fmt.Sprintf("%s %s %s", kind, cmd.Call, cmd.Code)
	case cti.SaveCall:
		return fmt.Sprintf("%s %s", kind, describeSummary(cmd.Summary))
	case cti.Tell:
		return fmt.Sprintf("%s %s", kind, describeView(cmd.View))
	case cti.Refused:
		return fmt.Sprintf("%s %s %s", kind, cmd.Agent, cmd.Code)
	case cti.Anomaly:
		return fmt.Sprintf("%s %s: %s", kind, cmd.Event, cmd.What)
	case cti.LookUpCustomer:
		return fmt.Sprintf("%s %s", kind, cmd.Call)
	case cti.CheckSurvey:
		return fmt.Sprintf("%s %s queue %s agent %s %s", kind, cmd.Leg, cmd.Queue, cmd.Agent, cmd.Survey)
	case cti.RunErrand:
		return fmt.Sprintf("%s %s %s", kind, cmd.Call, cmd.What.Service)
	case cti.KeepMessage:
		return fmt.Sprintf("%s %s %s for %s: %s", kind, cmd.Key, cmd.Leg, cmd.Queue, cmd.Note)
	case cti.ForgetSecret:
		return fmt.Sprintf("%s %s %s", kind, cmd.Call, cmd.Secret)
	default:
		return fmt.Sprintf("%s %s", kind, cti.Lane(cmd))
	}
}

func describeRefused(r cti.Refuser) string {
	if r == "" {
		return ""
	}
	return " unrecorded by " + string(r)
}

func describeLeg(kind string, leg id.LegID, part int) string {
	return fmt.Sprintf("%s %s part %d", kind, leg, part)
}

func describeState(st cti.CallState) string {
	s := string(st.Phase)
	switch st.Phase {
	case cti.PhaseFlow:
		s += " " + st.Flow.Step
	case cti.PhaseQueue:
		s += " " + string(st.Queue)
		if st.Priority > 0 {
			s += " front"
		}
	case cti.PhaseSurvey:
		if st.SurveyAt != nil {
			s += fmt.Sprintf(" question %d", st.SurveyAt.Question+1)
		}
	case cti.PhaseRinging, cti.PhaseConnecting, cti.PhaseTalking, cti.PhaseHeld, cti.PhaseAway:
		s += fmt.Sprintf(" %s leg %d part %d", st.Agent, st.Leg, st.Part)
	case cti.PhaseMessage, cti.PhaseTransfer:
		s += fmt.Sprintf(" leg %d part %d", st.Leg, st.Part)
	case cti.PhaseEnding:
	}
	if st.Unsaved != nil {
		s += fmt.Sprintf(" unsaved %s=%d", st.Unsaved.Question, st.Unsaved.Value)
	}
	if st.Outcome != "" {
		s += " outcome " + string(st.Outcome)
	}
	return s
}

func describeSummary(s cti.Summary) string {
	words := []string{string(s.Call)}
	if len(s.Path) > 0 {
		words = append(words, strings.Join(s.Path, "/"))
	}
	if s.Queue != "" {
		words = append(words, "queue "+string(s.Queue))
	}
	if s.Agent != "" {
		words = append(words, "agent "+string(s.Agent))
	}
	if !s.Noticed.IsZero() {
		words = append(words, "noticed")
	}
	if s.Refused != "" {
		words = append(words, strings.TrimSpace(describeRefused(s.Refused)))
	}
	if s.Campaign != "" {
		words = append(words, "for "+s.Campaign)
	}
	if s.Outcome != "" {
		words = append(words, "outcome "+string(s.Outcome))
	}
	if s.Asked != nil {
		words = append(words, "asked "+s.Asked.Survey)
		if s.Asked.Occasion != "" {
			words = append(words, string(s.Asked.Occasion))
		}
		if s.Asked.Over {
			words = append(words, "to the end")
		}
	}
	return strings.Join(words, " ")
}

func describeView(v cti.AgentView) string {
	words := []string{string(v.Agent), string(v.State)}
	if v.Reason != "" {
		words = append(words, v.Reason)
	}
	if v.Call != nil {
		words = append(words, string(v.Call.Leg))
		if v.Call.Voice != "" {
			words = append(words, string(v.Call.Voice))
		}
	}
	if v.Next != "" {
		words = append(words, strings.TrimRight(fmt.Sprintf("next %s %s", v.Next, v.NextReason), " "))
	}
	if v.Disposition != "" {
		words = append(words, "disposition "+v.Disposition)
	}
	if v.State != cti.AgentStateSignedOut && !v.Desk {
		words = append(words, "no-desk")
	}
	if v.State != cti.AgentStateSignedOut && !v.Media {
		words = append(words, "no-media")
	}
	return strings.Join(words, " ")
}
