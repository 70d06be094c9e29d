package asr

import (
	"strconv"
	"strings"

	"hotline/qa/rule"
)

// figures writes numbers as figures where people write them so: what is read out digit by digit, what has tens, hundreds
// or more, and single digits before a unit of measure or of the clock (3分鐘, but 一起 and 三天). What stands for no number is left (十分
// 滿意, 千萬不要, 萬一).
func (t *Text) figures(units []rule.Unit) []rule.Unit {
	var out []rule.Unit
	for from := 0; from < len(units); {
		to := from
		for to < len(units) && isNumeral(units[to].Text) {
			to++
		}
		if to == from {
			out = append(out, units[from])
			from++
			continue
		}
		out = append(out, number(units[from:to], following(units, to))...)
		from = to
	}
	return out
}

var digitValue = map[string]int{
	"〇": 0, "零": 0, "一": 1, "二": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
}

var powers = map[string]int{"十": 10, "百": 100, "千": 1000, "萬": 10_000}

func isNumeral(s string) bool {
	_, digit := digitValue[s]
	_, power := powers[s]
	return digit || power
}

func following(units []rule.Unit, at int) string {
	return rule.Utterance{Units: units[at:min(len(units), at+2)]}.Text()
}

// measures follow a number that is written as a figure even when it is a single digit.
var measures = []string{"元", "塊", "點", "分", "秒", "折", "樓", "號", "月", "日", "年", "度", "公斤", "公分", "小時"}

// idioms are numerals that stand for no number, with what follows them.
var idioms = map[string][]string{
	"十": {"分滿", "分抱", "分感", "分謝", "分重", "分方", "分清"}, "千萬": {"不", "別", "要", "記"}, "萬一": {""}, "一": {"次次"}, "百": {"分之"}, "一一": {""},
}

func number(units []rule.Unit, next string) []rule.Unit {
	text := rule.Utterance{Units: units}.Text()
	for _, after := range idioms[text] {
		if strings.HasPrefix(next, after) {
			return units
		}
	}
	power := strings.ContainsAny(text, "十百千萬")
	switch {
	case !power && len(units) >= 3:
		return digitByDigit(units)
	case !power && len(units) == 2: // 兩三天 is no 23天
		return units
	case power && len(units) == 1 && text != "十", !power && (text == "一" || !measured(next)): // 早一點 is no hour
		return units
	}
	value, ok := valueOf(units)
	if !ok {
		return units
	}
	return spread(units, strconv.Itoa(value))
}

func measured(next string) bool {
	for _, m := range measures {
		if strings.HasPrefix(next, m) {
			return true
		}
	}
	return false
}

func digitByDigit(units []rule.Unit) []rule.Unit {
	out := make([]rule.Unit, 0, len(units))
	for _, u := range units {
		u.Text = strconv.Itoa(digitValue[u.Text])
		out = append(out, u)
	}
	return out
}

// valueOf reads a number with its powers: 一百零五, 兩萬三, 十二. ok is false for what is none, such as 十百.
func valueOf(units []rule.Unit) (value int, ok bool) {
	total, section, digit, last := 0, 0, -1, 10_000_000
	for _, u := range units {
		if d, is := digitValue[u.Text]; is {
			if digit > 0 {
				return 0, false
			}
			digit = d
			continue
		}
		p := powers[u.Text]
		if p == 10_000 {
			if section += max(0, digit); section == 0 || total > 0 {
				return 0, false
			}
			total, section, digit, last = section*p, 0, -1, p
			continue
		}
		if p >= last || digit == 0 {
			return 0, false
		}
		if digit < 0 {
			if p != 10 || section > 0 && last != 100 {
				return 0, false
			}
			digit = 1
		}
		section, digit, last = section+digit*p, -1, p
	}
	if digit > 0 && last >= 100 && last <= 10_000 && len(units) >= 3 && units[len(units)-2].Text != "零" {
		digit *= last / 10 // 三百五 is 350
	}
	return total + section + max(0, digit), true
}
