/** 趨勢用語：客戶在談什麼、評價如何。 */
const words = {
  trends: {
    file: "趨勢",
    tabs: { topics: "主題與商品", phrases: "有幫助的話" },
    name: "項目",
    shape: "走勢",
    export: "匯出 CSV",
    export_examples: "匯出例句",
    kind_label: "看主題或商品",
    kind: { topic: "主題", product: "商品" },
    role_label: "誰說的",
    role: { caller: "客戶說的", agent: "值機人員說的", both: "雙方" },
    step_label: "以日或週計",
    step: { day: "日", week: "週" },
    figure: {
      calls: "通數",
      share: "占比",
      share_before: "前期占比",
      change: "較前期",
      mentions: "句數",
      positive: "好評句數",
      negative: "負評句數",
      balance: "評價",
    },
    means: {
      calls: "談到這個項目的通話數；一通電話談到幾次都算一通。",
      share: "談到的通話占這段期間所有已有逐字稿通話的百分比。",
      change: "占比與前一段同樣長的期間相比，增減百分之幾；前期沒有談到時不顯示。",
      balance: "好評句數減負評句數，占有評價句數的百分比：−100 全是負評，+100 全是好評。以評價用詞計算，不懂反話。",
    },
    opinions: "好評 {{positive}} 句，負評 {{negative}} 句",
    course: "{{name}}：占通話的百分比",
    course_label: "{{name}}的走勢：共 {{n}} 通，占 {{share}}",
    examples: "例句",
    mood_label: "例句的評價",
    mood: { all: "全部", negative: "負評", positive: "好評", none: "無評價" },
    heard: "比對到的詞",
    opinion: "評價",
    word: "評價用詞",
    well: "好評：{{word}}",
    ill: "負評：{{word}}",
    no_examples: { title: "沒有這樣的例句", hint: "換一種評價，或放寬期間與條件。" },
    behind: "還有 {{n}} 份逐字稿未用目前的詞庫比對",
    behind_hint: "背景工作會從最新的開始補上，數字會逐漸增加。若一直不變，請系統管理員確認 hotline worker 在執行。",
    empty: {
      title: "這段期間沒有談到詞庫裡的項目",
      hint: "{{n}} 通已有逐字稿。請放寬期間與條件，改看「雙方」，或在詞庫加入客戶實際的說法。",
    },
  },
};

export type Words = typeof words;
export default words;
