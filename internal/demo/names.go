package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Family names, the common ones more than once.
var families = []rune("陳陳陳陳陳陳林林林林林黃黃黃黃張張張李李李王王王吳吳劉劉蔡蔡楊楊許許鄭謝郭洪曾邱廖賴周徐蘇葉莊呂江何蕭羅高潘簡朱鍾游彭詹胡施沈余盧梁趙顏柯翁魏")

// Given names are one of each, or one alone.
var (
	givenFirst  = []rune("怡雅淑美佳欣宜詩惠玉筱靜心子思俊志建家冠宗承柏彥宇宏明文國信哲育政品嘉孟仁智士永秀麗月素婉玟")
	givenSecond = []rune("君婷芬玲雯如蓉華珍潔涵萱妤臻穎瑜琪蓁豪偉宏銘翰廷霖恩傑龍誠賢達凱維軒睿祥安雄芳珠娟慧貞玫惠平成文")
)

var (
	latinFirst = []string{"Emily", "Daniel", "Sophie", "Marcus", "Grace", "Oliver", "Nina", "Thomas", "Clara", "Hugo"}
	latinLast  = []string{"Carter", "Bennett", "Fischer", "Moreau", "Tanaka", "Nguyen", "Rossi", "Walker", "Larsen", "Reyes"}
)

// name makes up a name; family is its first character, 0 for a name in Latin letters.
func name(r *rand.Rand) (full string, family rune) {
	if r.IntN(100) == 0 {
		return pick(r, latinFirst) + " " + pick(r, latinLast), 0
	}
	family = pick(r, families)
	return given(r, family), family
}

func given(r *rand.Rand, family rune) string {
	if r.IntN(25) == 0 {
		return string([]rune{family, pick(r, givenSecond)})
	}
	return string([]rune{family, pick(r, givenFirst), pick(r, givenSecond)})
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// fill puts the product into the words.
func fill(words, product string) string { return strings.ReplaceAll(words, "{}", product) }

// numbers is how many mobile numbers there are to give away.
const numbers = 1_000_000

// phone spreads the n-th number over the range, each once: 370,261 and 1,000,000 have no common factor.
func phone(n int) string {
	return fmt.Sprintf("+886900%06d", (n*370_261+123_456)%numbers)
}

// sharesPhone says whether the i-th customer has the number of the one before, as families do.
func sharesPhone(i int) bool { return i > 0 && i%40 == 39 }

// phoneOf is the number of the i-th customer, from 0.
func phoneOf(i int) string {
	if sharesPhone(i) {
		i--
	}
	return phone(i)
}

// Number returns the E.164 number of a customer for 0 <= i < customers, and for others one that no customer has, as
// long as there are fewer than a million.
func Number(i, customers int) string {
	if i < customers {
		return phoneOf(i)
	}
	return phone(i)
}
