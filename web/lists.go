package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"hotline/campaign"
	"hotline/customer"
)

// listLimit is the largest body with a list: base64 makes four bytes of three.
const listLimit = campaign.MaxFile/3*4 + 64<<10

// maxListFaults are told of one list; more are counted.
const maxListFaults = 500

// ListFault is one thing that is wrong with a row of a list.
type ListFault struct {
	Row   int          `json:"row" doc:"From 1, as a spreadsheet shows it."`
	Why   campaign.Why `json:"why" enum:"empty,phone,prefix,mail,lang,long,twice,known,do_not_call"`
	Other int          `json:"other" doc:"Of twice: the row that has it already."`
}

// ListPreview is what an import would do.
type ListPreview struct {
	Rows    int               `json:"rows" doc:"That are not empty."`
	Good    int               `json:"good" doc:"That would be imported."`
	Faulty  int               `json:"faulty"`
	Faults  []ListFault       `json:"faults" doc:"The first 500."`
	Example []CampaignContact `json:"example" doc:"The first good rows, masked."`
}

// ListImported is what an import did.
type ListImported struct {
	Added  int `json:"added"`
	Faulty int `json:"faulty" doc:"Rows that were left out."`
}

// BlockedNumber is a number that no campaign calls or writes to.
type BlockedNumber struct {
	ID     int64     `json:"id"`
	Phone  string    `json:"phone" doc:"Masked."`
	Why    string    `json:"why"`
	By     string    `json:"by"`
	ByName string    `json:"by_name"`
	At     time.Time `json:"at"`
}

type listFileInput struct {
	CampaignPath
	Body struct {
		Data []byte `json:"data" maxLength:"22500000" doc:"CSV in UTF-8 or Big5, or XLSX; base64."`
	}
}

type importListInput struct {
	CampaignPath
	Body struct {
		Data   []byte `json:"data" maxLength:"22500000" doc:"CSV in UTF-8 or Big5, or XLSX; base64."`
		Faulty int    `json:"faulty" minimum:"0" doc:"How many faulty rows are to be left out, as the preview said; another number is refused."`
	}
}

type blockedInput struct {
	Paging
	Number string `query:"number" maxLength:"60" doc:"A whole number, as people write it."`
}

type blockInput struct {
	Body struct {
		Numbers string `json:"numbers,omitempty" maxLength:"20000" doc:"One a line."`
		Data    []byte `json:"data,omitempty" maxLength:"22500000" doc:"Or a list as those of campaigns; base64."`
		Why     string `json:"why" minLength:"1" maxLength:"200"`
		Faulty  int    `json:"faulty,omitempty" minimum:"0" doc:"How many faulty rows are to be left out."`
	}
}

type unblockInput struct {
	Entry int64  `path:"entry" minimum:"1"`
	Why   string `query:"why" required:"true" minLength:"1" maxLength:"200"`
}

func (s *Server) registerLists() {
	const one = "/campaigns/{campaign}/import"
	route(s, endpoint{method: http.MethodPost, path: one + "/preview", id: "previewCampaignList", right: RightCampaigns, summary: "What importing a list would do", limit: listLimit}, s.previewList)
	route(s, endpoint{method: http.MethodPost, path: one, id: "importCampaignList", right: RightCampaigns, summary: "Import the good rows of a list", limit: listLimit}, s.importList)
	route(s, endpoint{method: http.MethodGet, path: "/do-not-call", id: "listBlocked", right: RightCampaigns, summary: "Numbers that are not to be called, the newest first"}, s.listBlocked)
	route(s, endpoint{method: http.MethodPost, path: "/do-not-call", id: "block", right: RightCampaigns, summary: "Add numbers that are not to be called", limit: listLimit}, s.block)
	act(s, endpoint{method: http.MethodDelete, path: "/do-not-call/{entry}", id: "unblock", right: RightCampaigns, summary: "Take a number off again, for a reason"}, s.unblock)
}

func readPhone(raw string) (string, bool) {
	n, err := customer.ParsePhone(raw)
	return n.E164, err == nil
}

// listRules are what lists are checked by.
func (s *Server) listRules() campaign.Rules {
	allowed := s.Outbound.Allowed
	if allowed == nil {
		allowed = func(string) bool { return true }
	}
	return campaign.Rules{Phone: readPhone, Allowed: allowed}
}

// readList reads a list; the error is a Problem that says what to do about the file.
func readList(data []byte) ([]campaign.Row, error) {
	rows, err := campaign.ReadList(data)
	if errors.Is(err, campaign.ErrList) {
		return nil, invalid("body.data", err.Error())
	}
	return rows, err
}

func (s *Server) checkList(ctx context.Context, id string, data []byte) (c campaign.Campaign, rows []campaign.Row, checked campaign.Checked, err error) {
	if c, err = s.campaigns.Get(ctx, id); err != nil {
		return
	}
	if rows, err = readList(data); err != nil {
		return
	}
	checked, err = s.campaigns.Check(ctx, c, rows, s.listRules())
	return
}

func (s *Server) previewList(ctx context.Context, _ Who, in *listFileInput) (ListPreview, error) {
	_, rows, checked, err := s.checkList(ctx, in.ID, in.Body.Data)
	if err != nil {
		return ListPreview{}, err
	}
	out := ListPreview{Rows: len(rows), Good: len(checked.Good), Faulty: len(checked.Faults), Faults: []ListFault{}, Example: []CampaignContact{}}
	for _, f := range checked.Faults[:min(len(checked.Faults), maxListFaults)] {
		out.Faults = append(out.Faults, ListFault(f))
	}
	const examples = 5
	for _, r := range checked.Good[:min(len(checked.Good), examples)] {
		out.Example = append(out.Example, contactOf(campaign.Contact{Row: r.Row, Phone: r.Phone, Mail: r.Mail, Name: r.Name, Ref: r.Ref, State: campaign.Waiting}, false))
	}
	return out, nil
}

// refuseFaults refuses a list whose faults are not those that somebody has seen and accepted.
func refuseFaults(found []campaign.RowFault, accepted int) error {
	if len(found) == accepted {
		return nil
	}
	return newProblem(http.StatusConflict, "list_changed", "the list has "+strconv.Itoa(len(found))+" faulty rows: look at the preview again, and accept those")
}

func (s *Server) importList(ctx context.Context, who Who, in *importListInput) (ListImported, error) {
	_, _, checked, err := s.checkList(ctx, in.ID, in.Body.Data)
	if err != nil {
		return ListImported{}, err
	}
	if err := refuseFaults(checked.Faults, in.Body.Faulty); err != nil {
		return ListImported{}, err
	}
	added, err := s.campaigns.Add(ctx, in.ID, checked.Good, s.now())
	if err != nil {
		return ListImported{}, err
	}
	out := ListImported{Added: added, Faulty: len(checked.Faults)}
	return out, s.changed(ctx, who, campaignObject(in.ID), map[string]any{"imported": out.Added, "left_out": out.Faulty})
}

func (s *Server) listBlocked(ctx context.Context, _ Who, in *blockedInput) (list[BlockedNumber], error) {
	var before int64
	phone := ""
	if in.After != "" {
		var err error
		if before, err = strconv.ParseInt(in.After, 10, 64); err != nil {
			return list[BlockedNumber]{}, invalid("query.after", "no place in this list")
		}
	}
	if in.Number != "" {
		var ok bool
		if phone, ok = readPhone(in.Number); !ok {
			return list[BlockedNumber]{}, invalid("query.number", "give a whole number, with its area code")
		}
	}
	found, err := s.campaigns.Blocked(ctx, phone, before, in.Limit+1)
	if err != nil {
		return list[BlockedNumber]{}, err
	}
	page := cut(found, in.Limit, func(b campaign.Blocked) string { return strconv.FormatInt(b.ID, 10) })
	out := list[BlockedNumber]{Items: make([]BlockedNumber, len(page.Items)), Next: page.Next}
	names := map[string]string{}
	for i, b := range page.Items {
		if _, known := names[b.By]; !known {
			if names[b.By], err = s.nameOf(ctx, b.By); err != nil {
				return list[BlockedNumber]{}, err
			}
		}
		out.Items[i] = BlockedNumber{ID: b.ID, Phone: customer.MaskPhone(b.Phone), Why: b.Why, By: b.By, ByName: names[b.By], At: b.At}
	}
	return out, nil
}

// block adds what can be read; rows that cannot must have been seen and accepted, but those that are listed already are no fault.
func (s *Server) block(ctx context.Context, who Who, in *blockInput) (ListPreview, error) {
	var rows []campaign.Row
	if len(in.Body.Data) > 0 {
		var err error
		if rows, err = readList(in.Body.Data); err != nil {
			return ListPreview{}, err
		}
	} else {
		for i, line := range strings.Split(in.Body.Numbers, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				rows = append(rows, campaign.Row{Row: i + 1, Phone: line})
			}
		}
	}
	out := ListPreview{Rows: len(rows), Faults: []ListFault{}, Example: []CampaignContact{}}
	if len(rows) == 0 {
		return out, invalid("body.numbers", "give at least one number")
	}
	var phones []string
	var faults []campaign.RowFault
	for _, r := range rows {
		phone, ok := readPhone(r.Phone)
		if !ok {
			faults = append(faults, campaign.RowFault{Row: r.Row, Why: campaign.WhyPhone})
			continue
		}
		phones = append(phones, phone)
	}
	out.Faulty = len(faults)
	for _, f := range faults[:min(len(faults), maxListFaults)] {
		out.Faults = append(out.Faults, ListFault(f))
	}
	if len(faults) != in.Body.Faulty { // nothing was written: Good is 0
		return out, nil
	}
	added, err := s.campaigns.Block(ctx, phones, in.Body.Why, string(who.ID), s.now())
	if err != nil {
		return ListPreview{}, err
	}
	out.Good = added
	return out, s.changed(ctx, who, "do-not-call", map[string]any{"added": added, "why": in.Body.Why})
}

func (s *Server) unblock(ctx context.Context, who Who, in *unblockInput) error {
	if err := s.campaigns.Unblock(ctx, in.Entry, in.Why, string(who.ID), s.now()); err != nil {
		return err
	}
	return s.changed(ctx, who, "do-not-call", map[string]any{"removed": in.Entry, "why": in.Why})
}
