package web

import (
	"context"
	"net/http"
	"slices"

	"hotline/internal/calendar"
	"hotline/internal/site"
)

// officeObject is what imports of office calendars are logged under: they concern every calendar that follows them.
const officeObject = "office-years"

func (s *Server) listOfficeYears(ctx context.Context, _ Who, _ *struct{}) (list[OfficeYearView], error) {
	years, err := s.Site.OfficeYears(ctx)
	if err != nil {
		return list[OfficeYearView]{}, err
	}
	var out []OfficeYearView
	for _, y := range years {
		view := OfficeYearView{OfficeYear: y}
		if y.ImportedBy != "" {
			if view.ImportedName, err = s.nameOf(ctx, y.ImportedBy); err != nil {
				return list[OfficeYearView]{}, err
			}
		}
		out = append(out, view)
	}
	return everything(out), nil
}

func (s *Server) previewOfficeYear(ctx context.Context, _ Who, in *officeFileInput) (OfficePreview, error) {
	year, faults := calendar.Import(in.Body.Data)
	out := OfficePreview{Days: []calendar.Office{}, New: []calendar.Date{}, Faults: faults}
	if len(faults) > 0 {
		return out, nil
	}
	out.Faults = []calendar.LineFault{}
	out.Year, out.Holidays, out.MakeUp = year.Year, year.Count(calendar.Holiday), year.Count(calendar.MakeUp)
	out.Days = append(out.Days, year.Days...)
	years, err := s.Site.OfficeYears(ctx)
	if err != nil {
		return OfficePreview{}, err
	}
	at := slices.IndexFunc(years, func(y site.OfficeYear) bool { return y.Year.Year == year.Year })
	if out.Replaces = at >= 0; out.Replaces {
		out.New = differing(years[at].Days, year.Days)
	}
	return out, nil
}

// differing are the days that are not the same in both years, in order.
func differing(a, b []calendar.Office) []calendar.Date {
	out := []calendar.Date{}
	for _, pair := range [][2][]calendar.Office{{a, b}, {b, a}} {
		for _, d := range pair[0] {
			if !slices.Contains(pair[1], d) && !slices.Contains(out, d.Date) {
				out = append(out, d.Date)
			}
		}
	}
	slices.SortFunc(out, func(a, b calendar.Date) int {
		if a.Before(b) {
			return -1
		}
		return 1
	})
	return out
}

func (s *Server) importOfficeYear(ctx context.Context, who Who, in *officeFileInput) (list[OfficeYearView], error) {
	year, faults := calendar.Import(in.Body.Data)
	if len(faults) > 0 {
		p := newProblem(http.StatusUnprocessableEntity, "invalid", "the file is not one of the government's; import it after a preview")
		for _, f := range faults {
			p.Errors = append(p.Errors, Fault{Location: "body.data", Message: f.String()})
		}
		return list[OfficeYearView]{}, p
	}
	if err := s.Site.PutOfficeYear(ctx, year, string(who.ID)); err != nil {
		return list[OfficeYearView]{}, err
	}
	detail := map[string]any{"imported": year.Year, "holidays": year.Count(calendar.Holiday), "make_up": year.Count(calendar.MakeUp)}
	if err := s.changed(ctx, who, officeObject, detail); err != nil {
		return list[OfficeYearView]{}, err
	}
	return s.listOfficeYears(ctx, who, nil)
}
