package survey

// CSAT is satisfaction over answers from 1 to 5.
type CSAT struct {
	Answers   int
	Satisfied int     // answers of 4 and 5
	Share     float64 // Satisfied / Answers, 0 to 1; 0 without answers
	Mean      float64 // 1 to 5; 0 without answers
}

// CSATOf scores the answers. Values outside 1 to 5 are no answers and are left out.
func CSATOf(values []int) CSAT {
	var c CSAT
	sum := 0
	for _, v := range values {
		if v < 1 || v > 5 {
			continue
		}
		c.Answers++
		sum += v
		if v >= 4 {
			c.Satisfied++
		}
	}
	if c.Answers > 0 {
		c.Share = float64(c.Satisfied) / float64(c.Answers)
		c.Mean = float64(sum) / float64(c.Answers)
	}
	return c
}

// NPS is the net promoter score over answers from 0 to 10.
type NPS struct {
	Answers    int
	Promoters  int     // 9 and 10
	Neutral    int     // 7 and 8
	Detractors int     // 0 to 6
	Score      float64 // share of promoters minus share of detractors in points, -100 to 100; 0 without answers
}

// NPSOf scores the answers. Values outside 0 to 10 are no answers and are left out.
func NPSOf(values []int) NPS {
	var n NPS
	for _, v := range values {
		switch {
		case v < 0 || v > 10:
			continue
		case v >= 9:
			n.Promoters++
		case v >= 7:
			n.Neutral++
		default:
			n.Detractors++
		}
		n.Answers++
	}
	if n.Answers > 0 {
		n.Score = 100 * float64(n.Promoters-n.Detractors) / float64(n.Answers)
	}
	return n
}

// Band is how a net promoter score is judged.
type Band string

// The bands, by the operations handbook (003): over 70, 50 to 70, 30 to under 50, under 30.
const (
	NoBand    Band = ""          // no answers
	Excellent Band = "excellent" // 卓越
	Good      Band = "good"      // 優良
	Fair      Band = "fair"      // 尚可
	Alert     Band = "alert"     // 警戒
)

// Band judges the score. The handbook names 50 and 30 in two bands each; the better one counts.
func (n NPS) Band() Band {
	switch {
	case n.Answers == 0:
		return NoBand
	case n.Score > 70:
		return Excellent
	case n.Score >= 50:
		return Good
	case n.Score >= 30:
		return Fair
	default:
		return Alert
	}
}

// Label names the band as it is shown, "" for no band.
func (b Band) Label(lang Lang) string {
	return bandLabels[b][lang]
}

var bandLabels = map[Band]Text{
	Excellent: {Mandarin: "卓越", English: "Excellent"},
	Good:      {Mandarin: "優良", English: "Good"},
	Fair:      {Mandarin: "尚可", English: "Fair"},
	Alert:     {Mandarin: "警戒", English: "Alert"},
}
