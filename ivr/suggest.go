package ivr

// suggest returns a remedy: the nearest of the names when one is near, otherwise the general advice.
func suggest(word string, names []string, advice Words) Words {
	if near := Nearest(word, names); near != "" {
		return Worded("did you mean %q?", near)
	}
	return advice
}

// Nearest returns the name that a slip of the finger most probably turned into word, "" when none is near: at most one
// edit for each three letters, and never more than the whole word.
func Nearest(word string, names []string) string {
	best, most := "", 1+len([]rune(word))/3
	for _, name := range names {
		if d := distance(word, name); d <= most && d < len([]rune(name)) {
			if d < most || best == "" {
				best, most = name, d
			}
		}
	}
	return best
}

// distance is the number of letters to add, drop, change or swap with a neighbour (optimal string alignment).
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	if len(s) > 64 || len(t) > 64 {
		return max(len(s), len(t))
	}
	rows := make([][]int, len(s)+1)
	for i := range rows {
		rows[i] = make([]int, len(t)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(s); i++ {
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(s)][len(t)]
}
