package web

import (
	"slices"
	"strings"
)

// Role is what a person does.
type Role string

// The roles.
const (
	RoleAgent      Role = "agent"
	RoleSupervisor Role = "supervisor"
	RoleQA         Role = "qa"
	RoleAdmin      Role = "admin"
)

// Scope is whose calls, recordings, results and people a person may see.
type Scope string

// The scopes, each covering the one before.
const (
	ScopeOwn  Scope = "own"
	ScopeTeam Scope = "team"
	ScopeAll  Scope = "all"
)

// Right is what a route needs.
type Right string

// The rights.
const (
	RightPublic     Right = "public"    // no session needed
	RightSelf       Right = "self"      // one's own session, language and password
	RightDirectory  Right = "directory" // names of queues, people, reasons, for filters and labels
	RightDesk       Right = "desk"      // taking calls
	RightFloor      Right = "floor"     // the live floor
	RightCalls      Right = "calls"
	RightRecordings Right = "recordings"
	RightDownload   Right = "download" // recordings, as files to keep
	RightDigits     Right = "digits"   // to hear the digits that are silent for others
	RightAlarms     Right = "alarms"   // recordings that are owed, or not what they should be
	RightPause      Right = "pause"    // of a recording, by the API; the agent's own key needs none
	RightHolds      Right = "holds"    // legal holds on recordings
	RightErase      Right = "erase"    // throwing a recording away on request
	RightSurveys    Right = "surveys"
	RightExport     Right = "export"     // tables to keep
	RightCampaigns  Right = "campaigns"  // survey campaigns: lists, calls, whom not to call
	RightTasks      Right = "tasks"      // what a person still has to do; agents what is theirs and what waits in their queues
	RightQuality    Right = "quality"    // scores, findings and coaching; agents only their own
	RightReview     Right = "review"     // reviewing calls, deciding appeals, steps and stars
	RightScorecards Right = "scorecards" // changing the scorecard, and what the machine answers
	RightRules      Right = "rules"      // changing the rule book, and trying it; reading it needs quality, its trials review
	RightFlows      Right = "flows"      // reading and trying flows and surveys
	RightFlowsEdit  Right = "flows_edit" // changing them, publishing, going back
	RightCustomers  Right = "customers"  // masked
	RightCorrect    Right = "correct"    // correcting customers' data; agents only of the caller they talk to
	RightReveal     Right = "reveal"     // customers' data unmasked; agents only of the caller they talk to
	RightUsers      Right = "users"      // people and teams; with scope team, those of the own team
	RightSite       Right = "site"       // queues, lines, reasons, dispositions
	RightHours      Right = "hours"      // opening hours, holidays, the emergency switch
	RightMessages   Right = "messages"   // what was sent to customers, masked; the mailbox of a development site
	RightAccessLog  Right = "access_log" // who saw what
)

// grant says who has a right: these roles, from this scope on.
type grant struct {
	roles []Role
	least Scope
}

var everybody = []Role{RoleAgent, RoleSupervisor, RoleQA, RoleAdmin}

// rights is the whole of it.
var rights = map[Right]grant{
	RightSelf:       {everybody, ScopeOwn},
	RightDirectory:  {everybody, ScopeOwn},
	RightDesk:       {[]Role{RoleAgent, RoleSupervisor}, ScopeOwn},
	RightFloor:      {[]Role{RoleSupervisor, RoleAdmin}, ScopeTeam},
	RightCalls:      {everybody, ScopeOwn},
	RightRecordings: {everybody, ScopeOwn},
	RightDownload:   {[]Role{RoleSupervisor, RoleQA, RoleAdmin}, ScopeTeam},
	RightDigits:     {[]Role{RoleAdmin}, ScopeAll},
	RightAlarms:     {[]Role{RoleSupervisor, RoleQA, RoleAdmin}, ScopeTeam},
	RightPause:      {[]Role{RoleAgent, RoleSupervisor, RoleAdmin}, ScopeOwn},
	RightHolds:      {[]Role{RoleSupervisor, RoleAdmin}, ScopeAll},
	RightErase:      {[]Role{RoleAdmin}, ScopeAll},
	RightSurveys:    {everybody, ScopeOwn},
	RightExport:     {[]Role{RoleSupervisor, RoleQA, RoleAdmin}, ScopeTeam},
	RightCampaigns:  {[]Role{RoleSupervisor, RoleAdmin}, ScopeAll},
	RightTasks:      {[]Role{RoleAgent, RoleSupervisor, RoleAdmin}, ScopeOwn},
	RightQuality:    {everybody, ScopeOwn},
	RightReview:     {[]Role{RoleSupervisor, RoleQA, RoleAdmin}, ScopeTeam},
	RightScorecards: {[]Role{RoleQA, RoleAdmin}, ScopeAll},
	RightRules:      {[]Role{RoleQA, RoleAdmin}, ScopeAll},
	RightFlows:      {[]Role{RoleSupervisor, RoleQA, RoleAdmin}, ScopeTeam},
	RightFlowsEdit:  {[]Role{RoleSupervisor, RoleAdmin}, ScopeAll},
	RightCustomers:  {[]Role{RoleAgent, RoleSupervisor, RoleAdmin}, ScopeOwn},
	RightCorrect:    {[]Role{RoleAgent, RoleSupervisor, RoleAdmin}, ScopeOwn},
	RightReveal:     {[]Role{RoleAgent, RoleSupervisor, RoleAdmin}, ScopeOwn},
	RightUsers:      {[]Role{RoleAdmin}, ScopeTeam},
	RightSite:       {[]Role{RoleAdmin}, ScopeAll},
	RightHours:      {[]Role{RoleSupervisor, RoleAdmin}, ScopeAll},
	RightMessages:   {[]Role{RoleSupervisor, RoleAdmin}, ScopeTeam},
	RightAccessLog:  {[]Role{RoleAdmin}, ScopeAll},
}

var scopeRank = map[Scope]int{ScopeOwn: 1, ScopeTeam: 2, ScopeAll: 3}

// may says whether somebody of the role and scope has the right.
func may(role Role, scope Scope, r Right) bool {
	if r == RightPublic {
		return true
	}
	g, ok := rights[r]
	return ok && slices.Contains(g.roles, role) && scopeRank[scope] >= scopeRank[g.least]
}

// rightsOf lists what somebody of the role and scope may do, by name.
func rightsOf(role Role, scope Scope) []Right {
	var has []Right
	for r := range rights {
		if may(role, scope, r) {
			has = append(has, r)
		}
	}
	slices.SortFunc(has, func(a, b Right) int { return strings.Compare(string(a), string(b)) })
	return has
}
