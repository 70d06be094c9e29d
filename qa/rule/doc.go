// Package rule judges what was said: phrases said or not said, interruptions, silence, digits of cards and identity
// numbers, found in the transcript of a two-channel recording. It is pure: a book of rules and a transcript always yield
// the same findings, so a rule can be tried on past calls and a score can be told again years later.
//
// # By text and by sound
//
// Speech recognition on telephone sound errs mostly in words that sound alike (退貨 becomes 退伙, 冷靜 becomes 冷定). A
// phrase is therefore looked for twice: by its characters (match "exact"), and by its syllables without tones, where a
// rule allows it (match "sound", with the distance that was bridged). Sounds that telephones blur (zh/z, ch/c, sh/s, n/l,
// f/h, in/ing, en/eng, an/ang) cost little, others much, see syllable.go. What carries the meaning is never bridged: a
// negation that is missing or added, or another person (我 for 您), is no match however alike the rest sounds.
//
// # In context
//
// A phrase that lies inside one of the rule's exceptions is no finding: 「行不行」 is no 「不行」, and 「雖然無法…但我們可以」
// is the recommended form. An exception is a phrase of its own and may have gaps ("…") within the sentence. Where two
// phrases overlap, the longer one is found.
//
// # Who and when
//
// Times are milliseconds from the beginning of the recording. Speech of which it is not known who heard it (hold, pause,
// music) is not judged, and neither is speech that the recogniser did not understand.
package rule
