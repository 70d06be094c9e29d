package customer

import (
	"errors"
	"time"
)

// ErrNotFound: no customer has that id.
var ErrNotFound = errors.New("there is no such customer")

// Tier is a customer's VIP tier, by what they spend in a year.
type Tier string

// The tiers.
const (
	TierNone     Tier = ""
	TierGold     Tier = "gold"     // more than NT$50,000
	TierPlatinum Tier = "platinum" // more than NT$100,000
	TierDiamond  Tier = "diamond"  // more than NT$300,000
)

// TierFor returns the tier for a year's spend in NT$.
func TierFor(spend int64) Tier {
	switch {
	case spend > 300_000:
		return TierDiamond
	case spend > 100_000:
		return TierPlatinum
	case spend > 50_000:
		return TierGold
	default:
		return TierNone
	}
}

// Match is what somebody needs to tell one customer from another.
type Match struct {
	ID          int64      `json:"id"`
	Name        string     `json:"name"`
	Tier        Tier       `json:"tier"`
	OpenCases   int        `json:"open_cases"`
	LastContact *time.Time `json:"last_contact"` // nil: never
}

// Customer is one customer with all their numbers (E.164).
type Customer struct {
	ID          int64     `json:"id"`
	Name        string    `json:"name"`
	Tier        Tier      `json:"tier"`
	Preferences string    `json:"preferences"`
	Note        string    `json:"note"`
	CreatedAt   time.Time `json:"created_at"`
	Phones      []string  `json:"phones"`
	Email       string    `json:"email"` // "" for none
}

// Channel is the way a contact took.
type Channel string

// The channels.
const (
	ChannelPhone    Channel = "phone"
	ChannelWeb      Channel = "web"
	ChannelLINE     Channel = "line"
	ChannelFacebook Channel = "facebook"
	ChannelEmail    Channel = "email"
	ChannelLetter   Channel = "letter"
	ChannelVisit    Channel = "visit"
)

// Direction is who sought the contact.
type Direction string

// The directions.
const (
	In  Direction = "in"  // the customer
	Out Direction = "out" // we
)

// Contact is one entry of a customer's time line.
type Contact struct {
	ID         int64     `json:"id"`
	CustomerID int64     `json:"customer_id"`
	At         time.Time `json:"at"` // when it began
	Channel    Channel   `json:"channel"`
	Direction  Direction `json:"direction"`
	Subject    string    `json:"subject"`
	Summary    string    `json:"summary"`
	AgentID    string    `json:"agent_id"`   // "" when no person of ours took part
	AgentName  string    `json:"agent_name"` // read, never written
	CallID     string    `json:"call_id"`    // "" unless it was a call through this system
}

// Order is one order; Amount is in whole NT$.
type Order struct {
	ID       string    `json:"id"`
	At       time.Time `json:"at"`
	Product  string    `json:"product"` // its name
	Quantity int       `json:"quantity"`
	Amount   int       `json:"amount"`
	Status   string    `json:"status"` // placed, packed, shipped, delivered, returned, cancelled
}

// Case is an open matter of the customer.
type Case struct {
	ID       string    `json:"id"`
	Title    string    `json:"title"`
	State    string    `json:"state"` // opened, assigned, in_progress, answered
	OpenedAt time.Time `json:"opened_at"`
}

// Pop is what a desk shows of a caller before it rings.
type Pop struct {
	// Candidates are all customers on the number, the one seen last first. Empty for an unknown or withheld number.
	Candidates []Match `json:"candidates"`
	// Customer is whom the rest is about: the one asked for, or the only candidate. Nil while somebody has to choose.
	Customer  *Customer `json:"customer"`
	OpenCases []Case    `json:"open_cases"` // newest first
	Contacts  []Contact `json:"contacts"`   // the last three
	Orders    []Order   `json:"orders"`     // the last three
}

// Found is one hit of a search.
type Found struct {
	Match
	Phones []string `json:"phones"` // E.164
	Why    string   `json:"why"`    // what matched: name, phone, order
	Order  string   `json:"order"`  // the order, when that matched
}
