package survey

import "slices"

// Path is where the answers lead a reader, who may change them until the end: the questions asked so far, by index and in order,
// and the one to ask next, -1 when there is none. Skipped questions were asked and have no answer. Spoken comments are left out. Unlike [Survey.Step] it
// needs no position: it is a function of the answers.
func (s *Survey) Path(answers map[string]int, skipped []string) (asked []int, next int) {
	for i := 0; i < len(s.Questions); {
		q := s.Questions[i]
		if q.Kind == Comment { // nobody speaks to a page
			i++
			continue
		}
		value, answered := answers[q.ID]
		if !answered && !slices.Contains(skipped, q.ID) {
			return asked, i
		}
		asked = append(asked, i)
		jump, jumps := q.Then[value]
		if !answered || !jumps {
			i++
			continue
		}
		// Only forward, as Step does, so that every survey ends.
		to := slices.IndexFunc(s.Questions, func(o Question) bool { return o.ID == jump.Question })
		if jump.Question == "" || to <= i {
			break
		}
		i = to
	}
	return asked, -1
}

// Read are the words of the question where it is read rather than heard.
func (q Question) Read() Text {
	if len(q.Web) > 0 {
		return q.Web
	}
	return q.Text
}
