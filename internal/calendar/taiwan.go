package calendar

import (
	_ "embed"
	"fmt"
	"strings"
)

// taiwan is made of the government's files by the test of this package: the days of each year that are not as every
// other of their weekday, one a line, below the year.
//
//go:embed taiwan.txt
var taiwan string

// Year is the office calendar of one year.
type Year struct {
	Year int      `json:"year"`
	Days []Office `json:"days"` // in order, only those that are other than their weekday
}

// Count returns how many days are of a kind.
func (y Year) Count(kind Kind) int {
	n := 0
	for _, d := range y.Days {
		if d.Kind == kind {
			n++
		}
	}
	return n
}

// Shipped returns the years that came with the program, oldest first. It panics on a broken data file, which the test
// of this package excludes.
func Shipped() []Year {
	years, err := readYears(taiwan)
	if err != nil {
		panic(err)
	}
	return years
}

func readYears(text string) ([]Year, error) {
	var years []Year
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		date, rest, _ := strings.Cut(line, " ")
		kind, name, _ := strings.Cut(rest, " ")
		d, err := ParseDate(date)
		if err != nil || Kind(kind) != Holiday && Kind(kind) != MakeUp {
			return nil, fmt.Errorf("office calendar: line %d is no day: %q", i+1, line)
		}
		if len(years) == 0 || years[len(years)-1].Year != d.Year {
			years = append(years, Year{Year: d.Year})
		}
		last := &years[len(years)-1]
		last.Days = append(last.Days, Office{d, Kind(kind), name})
	}
	return years, nil
}

// writeYears is the form that readYears reads.
func writeYears(years []Year) string {
	var b strings.Builder
	for _, y := range years {
		for _, d := range y.Days {
			fmt.Fprintf(&b, "%s %s %s\n", d.Date, d.Kind, d.Name)
		}
	}
	return b.String()
}

// english has the names that the government's files use.
var english = map[string]string{
	"開國紀念日":       "Founding Day of the Republic of China",
	"小年夜":         "Day before Lunar New Year's Eve",
	"農曆除夕":        "Lunar New Year's Eve",
	"春節":          "Lunar New Year",
	"和平紀念日":       "Peace Memorial Day",
	"兒童節":         "Children's Day",
	"兒童節及民族掃墓節":   "Children's Day and Tomb Sweeping Day",
	"民族掃墓節":       "Tomb Sweeping Day",
	"清明節":         "Tomb Sweeping Day",
	"勞動節":         "Labor Day",
	"端午節":         "Dragon Boat Festival",
	"中秋節":         "Mid-Autumn Festival",
	"孔子誕辰紀念日":     "Confucius' Birthday",
	"孔子誕辰紀念日/教師節": "Confucius' Birthday and Teachers' Day",
	"國慶日":         "National Day",
	"臺灣光復暨金門古寧頭大捷紀念日": "Retrocession Day and Guningtou Victory Day",
	"行憲紀念日": "Constitution Day",
	"補假":    "Day off in lieu",
	"調整放假":  "Bridge day",
	"補行上班":  "Make-up working day",
}

// English is the English name of a day; one that is not known keeps its own.
func English(name string) string {
	if e, ok := english[name]; ok {
		return e
	}
	return name
}
