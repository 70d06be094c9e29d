package lexicon_test

import (
	"fmt"
	"strings"
	"testing"

	"hotline/qa/lexicon"
	"hotline/qa/rule"
	"hotline/qa/topic"
)

// spoken is a talk of lines, each a second long and a second after the last. A line that begins with "A:" is the agent's.
func spoken(lines string) rule.Transcript {
	t := rule.Transcript{}
	for i, text := range strings.Split(lines, "|") {
		u := rule.Utterance{Role: rule.Caller, Span: rule.Span{Start: i * 2000, End: i*2000 + 1000}}
		if rest, agent := strings.CutPrefix(text, "A:"); agent {
			u.Role, text = rule.Agent, rest
		}
		for k, r := range []rune(text) {
			u.Units = append(u.Units, rule.Unit{Text: string(r), Span: rule.Span{Start: u.Start + 10*k, End: u.Start + 10*k + 10}})
		}
		t.Utterances = append(t.Utterances, u)
	}
	return t
}

// shown is "refund@0 -1太慢": the entry, its line, the opinion and where it comes from.
func shown(all []topic.Mention) string {
	var out []string
	for _, m := range all {
		text := fmt.Sprintf("%s@%d", m.Entry, m.Line)
		if m.Sign != 0 {
			text += fmt.Sprintf(" %+d%s", m.Sign, m.Word)
		}
		if !m.Exact {
			text += " ~"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

// Every sentence says what it is there for.
var sentences = []struct{ said, want, why string }{
	// What is spoken of.
	{"我要退款", "refund@0", "a topic by its phrase"},
	{"我想退貨", "return@0", "another one"},
	{"退款跟退貨我都要", "refund@0, return@0", "two topics in one line"},
	{"退款退款退款", "refund@0", "an entry counts once for a line"},
	{"我要退款|對我要退款", "refund@0, refund@1", "and once in each line"},
	{"那個氣炸鍋", "k106@0", "a product"},
	{"多功能電子鍋到貨", "k101@0, delivery@0", "the whole name of a product, and a topic"},
	{"電子鍋呢", "k101@0", "its short name"},
	{"我的除濕機跟循環扇", "a301@0, a303@0", "two products"},
	{"今天天氣如何", "", "nothing of the dictionary"},
	{"A:您的訂單已經出貨", "order@0, delivery@0", "the agent's words count too"},
	{"A:很高興為您服務", "", "the greeting speaks of no service"},
	{"A:這裡是售後服務組", "", "nor does the name of a department"},
	{"你們的服務", "service@0", "but this does"},
	{"我的銀行帳號", "", "an account at the bank is no membership"},
	{"我的帳號登不進去", "member@0", "an account is"},
	{"我想取消訂單", "cancel@0", "the longer phrase of cancelling, not the order in it"},
	{"訂單可以取消嗎", "order@0", "cancelling by itself is no phrase"},
	{"有沒有現貨", "stock@0", "a question is a mention all the same"},
	{"我要找消保官", "complaint@0", "a threat"},
	{"空氣清靜機", "a302@0 ~", "a character heard wrongly, of the same sound"},
	{"記億枕", "b202@0 ~", "the same in three syllables"},
	{"退伙", "", "two syllables by sound are too like others"},
	{"我，要，退，款", "refund@0", "punctuation that the model sets by itself"},
	// What is said of it.
	{"這個品質很好", "quality@0 +1好", "praise after it"},
	{"品質不好", "quality@0 -1不好", "turned round"},
	{"品質不是很好", "quality@0 -1不是很好", "an adverb between"},
	{"品質不太好", "quality@0 -1不太好", "another"},
	{"品質沒有很好", "quality@0 -1沒有很好", "by 沒有"},
	{"品質好差", "quality@0 -1差", "好 before a word is its adverb"},
	{"氣炸鍋好貴", "k106@0 -1貴", "the same with a price"},
	{"氣炸鍋好不好", "k106@0", "a question of either or"},
	{"氣炸鍋好用嗎", "k106@0", "a question with 嗎"},
	{"氣炸鍋好用", "k106@0 +1好用", "the longer word"},
	{"氣炸鍋不好用", "k106@0 -1不好用", "turned round"},
	{"氣炸鍋不難用", "k106@0 +1不難用", "complaint turned round"},
	{"氣炸鍋滿不滿意", "k106@0", "A-not-AB"},
	{"服務很不錯", "service@0 +1不錯", "不錯 is a word, and no negation of one"},
	{"除濕機沒有問題", "a301@0 +1沒有問題", "沒有問題"},
	{"除濕機有問題", "a301@0 -1有問題", "有問題"},
	{"除濕機沒問題", "a301@0 +1沒問題", "沒問題"},
	{"除濕機我有問題想問", "a301@0", "somebody who asks complains of nothing"},
	{"除濕機有沒有問題", "a301@0", "有沒有 asks"},
	{"除濕機壞了", "a301@0 -1壞了, fault@0 -1壞了", "a fault is bad of itself, and of the product"},
	{"除濕機沒有壞掉", "a301@0 +1沒有壞掉, fault@0 +1沒有壞掉", "one that is not there is good"},
	{"如果壞掉可以退貨", "fault@0, return@0", "what is only supposed"},
	{"萬一破損怎麼辦", "fault@0", "the same with 萬一"},
	{"除濕機會不會很吵", "a301@0", "會不會 asks"},
	{"除濕機很吵", "a301@0 -1吵", "complaint"},
	{"除濕機不會吵", "a301@0 +1不會吵", "turned round over 會"},
	{"不會不好用啊這個吸塵器", "c401@0 +1不會不好用", "twice turned round, and before it"},
	{"價格很便宜，但是品質不好", "price@0 +1便宜, quality@0 -1不好", "to each the nearest"},
	{"價格不便宜", "price@0 -1不便宜", "praise turned round"},
	{"運費貴", "price@0 -1貴", "one character is enough"},
	{"配送太慢了", "delivery@0 -1太慢", "too slow"},
	{"司機態度很親切", "delivery@0 +1親切, service@0 +1親切", "both are near"},
	{"客服人員口氣很不耐煩", "service@0 -1不耐煩", "不耐煩 is a word, and not patient"},
	{"A:您好請問訂單編號", "order@0", "您好 praises nothing"},
	{"A:好的幫您查訂單", "order@0", "nor does 好的"},
	{"A:不好意思訂單還在配送", "order@0, delivery@0", "nor 不好意思"},
	{"麻煩您幫我退款", "refund@0", "a request is no trouble"},
	{"退款好麻煩", "refund@0 -1麻煩", "but trouble is"},
	{"電暖器差不多到貨了", "a304@0, delivery@0", "差不多 is not bad"},
	{"記憶枕還好", "b202@0", "so-so is neither"},
	{"棉被很舒服。快遞很慢", "b201@0 +1舒服", "the end of a sentence parts"},
	{"吸塵器。我今天想要跟你們講一件事情就是後悔", "c401@0", "too far"},
	// The lines beside.
	{"我買了吸塵器|很好用", "c401@0 +1好用", "the next line of the same person"},
	{"真的很失望|那個吸塵器", "c401@1 -1失望", "the line before"},
	{"我買了吸塵器|A:是|很好用", "c401@0 +1好用", "with the other's word between"},
	{"我買了吸塵器|A:很好用", "c401@0", "what the other says is not their opinion"},
	{"我買了吸塵器|棉被很舒服", "c401@0, b201@1 +1舒服", "a line with a subject of its own keeps its opinion"},
	{"吸塵器很吵|棉被很舒服", "c401@0 -1吵, b201@1 +1舒服", "to each its own"},
	{"吸塵器很吵|很失望", "c401@0 -1吵", "the own line comes first"},
}

func TestWhatIsSaidOfWhat(t *testing.T) {
	d, faults := lexicon.Parse(lexicon.DefaultYAML())
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	f := topic.New(d)
	for _, c := range sentences {
		if got := shown(f.Find(spoken(c.said))); got != c.want {
			t.Errorf("%s (%s)\n got %q\nwant %q", c.said, c.why, got, c.want)
		}
	}
}

func TestWhatNobodyHeardIsNotCounted(t *testing.T) {
	d, _ := lexicon.Parse(lexicon.DefaultYAML())
	f := topic.New(d)
	talk := spoken("我要退款|我要退貨|除濕機")
	talk.Utterances[0].Unclear = "language"
	talk.Apart = []rule.Apart{{Span: rule.Span{Start: 2500, End: 2600}, Why: "hold"}}
	all := f.Find(talk)
	if got := shown(all); got != "a301@2" {
		t.Errorf("%q", got)
	}
	if m := all[0]; m.Start != 4000 || m.Heard != "除濕機" || m.Phrase != "除濕機" || m.Role != rule.Caller || m.Kind != topic.Product {
		t.Errorf("%+v", m)
	}
}

func BenchmarkFind(b *testing.B) {
	d, _ := lexicon.Parse(lexicon.DefaultYAML())
	f := topic.New(d)
	var lines []string
	for _, c := range sentences[:30] {
		lines = append(lines, strings.ReplaceAll(c.said, "|", ""))
	}
	talk := spoken(strings.Join(lines, "|"))
	for b.Loop() {
		f.Find(talk)
	}
}

func FuzzFind(f *testing.F) {
	d, _ := lexicon.Parse(lexicon.DefaultYAML())
	finder := topic.New(d)
	for _, c := range sentences {
		f.Add(c.said)
	}
	f.Fuzz(func(t *testing.T, said string) {
		talk := spoken(said)
		for _, m := range finder.Find(talk) {
			u := talk.Utterances[m.Line]
			if m.Heard == "" || m.Start < u.Start || m.Start > u.Start+10*len(u.Units) || m.Sign < -1 || m.Sign > 1 || (m.Sign != 0) != (m.Word != "") {
				t.Errorf("%q: %+v", said, m)
			}
		}
	})
}
