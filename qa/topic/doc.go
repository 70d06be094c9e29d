// Package topic finds what people talk of: topics and products of a dictionary in the lines of a transcript, and whether it was
// spoken of well or ill. It is pure: a dictionary and a transcript always yield the same mentions.
//
// # Mentions
//
// A phrase of the dictionary is found by its characters, and one of at least three syllables also by its sound (package rule),
// within the dictionary's bound. An entry counts once for a line. A phrase that lies inside a longer one of another entry, or of
// the entry's own exceptions, is none.
//
// # Opinions
//
// The opinion of a mention is that of the nearest opinion word in the same line; the end of a sentence between them parts them
// further than a comma. When the line has none, the next line of the same speaker is looked at, then the one before, unless
// these speak of something themselves. 不 and 沒 before a word turn it round, adverbs in between are passed over (不是很好);
// 好不好 and what ends with 嗎 are questions, and what begins with 如果 is no fact: none of them is an opinion.
//
// This counts words, and knows neither irony nor comparison. The pages that show it lead to the words themselves.
package topic
