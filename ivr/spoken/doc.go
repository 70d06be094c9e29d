// Package spoken has the words with which a line says values: numbers, money, dates, times, durations, telephone and
// order numbers, in the Mandarin of Taiwan and in English. It is pure, and the one place that knows how to read a value
// aloud.
//
// Every function returns whole text for the synthesizer, without a full stop, so that it can stand in the middle of a
// sentence. Commas in it are pauses. A language without words of its own is spoken as Mandarin.
//
// No function fails: what a value can't be read as, which its maker should have seen, is said digit by digit or is
// empty, since a caller in the middle of a sentence can be told nothing better.
//
// Conventions where usage varies: Mandarin says 兩 before 百, 千, 萬, 億, 兆 and before measure words, 二 as a digit, in
// 十二 and in 二十. English is that of Taiwan's schools and banks, American: no "and" in numbers, months before days,
// a.m. and p.m.
package spoken
