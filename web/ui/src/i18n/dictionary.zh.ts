/** 「詞庫」頁的用語。 */
const words = {
  dictionary: {
    tab: { edit: "編輯", history: "版本" },
    text: "詞庫（YAML）",
    hint: "儲存草稿不影響統計；啟用後，新的逐字稿用新詞庫，過去的逐字稿也會在背景依新詞庫重看一遍，由新到舊。寫法見說明文件「品質」的詞庫一節。",
    side: "右側內容",
    show: { faults: "檢查", diff: "與使用中的差異", tried: "試算" },
    no_faults: "沒有錯誤：{{topics}} 個主題、{{products}} 項商品、{{wordings}} 種說法。",
    entry: "項目",
    kind_label: "種類",
    kind: { topic: "主題", product: "商品", wording: "說法" },
    figure: { live: "使用中", tried: "這份", new: "多出", gone: "少了" },
    try: "用最近的通話試算",
    try_hint: "在最近的通話裡數每一項出現在幾通，和使用中的詞庫並列；最多 500 通或 8 秒，不會存下任何結果。",
    tried_n: "看了最近 {{n}} 通。",
    no_calls: "還沒有逐字稿可以試算。",
    changed_since: "文字之後又改過，請再試算一次。",
    publish_hint: "啟用後，過去的逐字稿會在背景依新詞庫重看一遍；重看期間，趨勢頁會說明還剩幾通。",
    live_now: "第 {{version}} 版已啟用。",
  },
};

export type Words = typeof words;
export default words;
