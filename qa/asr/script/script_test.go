package script

import (
	"testing"
	"unicode/utf8"
)

func TestString(t *testing.T) {
	c := NewConverter("您好，感謝您聯繫我們")
	for from, want := range map[string]string{
		"":            "",
		"这是公司政策":      "這是公司政策",
		"我们的软件和信息":    "我們的軟體和資訊",
		"您好，感谢您联系我们":  "您好，感謝您聯繫我們",
		"皇后和後面":       "皇后和後面", // traditional already
		"頭髮發票":        "頭髮發票",
		"头发和发票":       "頭髮和發票",
		"这里的面条":       "這裡的麵條",
		"裏面":          "裡面",
		"请问您的打印机":     "請問您的印表機",
		"abc 123，xyz": "abc 123，xyz",
		"系统显示商品已经在物流中心":         "系統顯示商品已經在物流中心",
		"我完全理解您的感受,让我们一起找到解决方案": "我完全理解您的感受,讓我們一起找到解決方案",
	} {
		if got := c.String(from); got != want {
			t.Errorf("%q became %q, want %q", from, got, want)
		}
	}
}

func FuzzToTaiwan(f *testing.F) {
	f.Add("出租车和软件")
	c := NewConverter()
	f.Fuzz(func(t *testing.T, text string) {
		n := 0
		for _, p := range c.Convert(text) {
			n += p.Length
		}
		if want := utf8.RuneCountInString(text); n != want {
			t.Errorf("%q: the pieces cover %d characters of %d", text, n, want)
		}
	})
}
