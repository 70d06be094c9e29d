/** 「有幫助的話」的用語：值機人員的說法與通話結果。 */
const words = {
  lift: {
    file: "有幫助的話",
    wording: "說法",
    phrase: "句子",
    source_label: "句子來源",
    source: { dictionary: "詞庫的說法", mined: "自動找出的句子" },
    survey: "問卷",
    mined: {
      whole: "在全部 {{n}} 通裡找。",
      sample: "在 {{all}} 通裡依亂數種子 {{seed}} 抽出 {{n}} 通來找；種子不變，抽到的通話就不變。",
      how: "至少出現在 {{floor}} 通的句子（中文 2–8 字、外文 1–4 個詞）都試，共 {{tried}} 句；只在更長的句子裡出現的不另列。試得多，總有幾句碰巧，所以機率已依試的句數校正（Benjamini–Hochberg，5%）。",
    },
    any_of: "說了其中任一句就算：{{phrases}}",
    outcome_label: "看哪種結果",
    outcome: { sold: "成交", resolved: "已解決", satisfied: "滿意（4–5 分）", promoter: "推薦者（9–10 分）" },
    not_cause: "這裡看的是「一起出現」，不是「因為」",
    not_cause_hint:
      "說法與結果常一起出現，不代表說了就會有這個結果：例如客戶已經決定要買，值機人員才會複誦訂單。要改話術之前，請先聽錄音，或找一組人試行比較。",
    basis: "已知結果且有逐字稿的通話共 {{n}} 通，其中「{{outcome}}」{{won}} 通（{{rate}}）。",
    codes: "以處理結果計：{{codes}}。",
    comma: "、",
    and: "；",
    figure: {
      calls: "說過的通數",
      won: "其中有此結果",
      rate_with: "有說的比率",
      rate_without: "沒說的比率",
      lift: "倍數",
      lift_interval: "倍數（95% 區間）",
      low: "95% 區間下限",
      high: "95% 區間上限",
      reading: "怎麼看",
      phrases: "包含的說法",
      false_discovery: "偽發現率",
    },
    means: {
      calls: "最後接手的值機人員說過這個說法的通話數；一通說幾次都算一通。",
      won: "說過的通話中，有所選結果的通數。",
      rate_with: "說過的通話中，有所選結果的百分比。",
      rate_without: "沒說過的通話中，有所選結果的百分比。",
      lift: "有說的比率除以沒說的比率：2 是兩倍，1 是沒有差別。括號內是 95% 信賴區間。表格依區間下限由大到小排列。",
      reading: "說過的不到 30 通，或其中有此結果的不到 5 通，就是通數太少；區間含 1，表示較常與較少都有可能。",
    },
    reading: {
      few: "通數太少，可能是巧合",
      open: "區間含 1，看不出差別",
      chance: "依試的句數校正後，可能是巧合",
      more: "較常一起出現",
      less: "較少一起出現",
      unsaid: "無從比較",
    },
    empty: {
      no_codes: {
        title: "還沒有設定哪些處理結果算「{{outcome}}」",
        hint: "請品質管理人員在詞庫的 outcomes 之下，為 {{key}} 列出處理結果的代碼，再發布詞庫。",
      },
      unknown_codes: {
        title: "沒有代碼為 {{codes}} 的處理結果",
        hint: "詞庫以這些代碼代表「{{outcome}}」，但系統裡沒有。請系統管理員在「系統管理」的代碼頁新增，或在詞庫的 outcomes 改用現有的代碼。",
      },
      no_calls: {
        title: "這段期間沒有可以比較的通話",
        disposition: "通話要有逐字稿，也登錄了處理結果，才能比較。請放寬期間或佇列，並確認錄音已轉成逐字稿。",
        survey:
          "通話要有逐字稿，客戶也答了問卷的這一題，才能比較。請放寬期間或佇列，並確認問卷已啟用、錄音已轉成逐字稿。",
        link: "到「通話品質」看逐字稿的進度",
      },
      none_won: {
        title: "{{n}} 通裡沒有一通是「{{outcome}}」",
        disposition: "請放寬期間或佇列，並確認值機人員在通話後登錄的處理結果是 {{codes}}。",
        survey: "請放寬期間或佇列。",
      },
      few_calls: {
        title: "通話太少，找不出句子",
        hint: "一個句子至少要出現在 {{floor}} 通、也至少有 {{floor}} 通沒有，才有得比較；現在已知結果的只有 {{n}} 通。請放寬期間或佇列。",
      },
      no_phrases: {
        title: "沒有夠常出現的句子",
        hint: "{{n}} 通裡沒有一個句子出現在 {{floor}} 通以上、又不是幾乎每通都有。請放寬期間或佇列。",
      },
      no_wordings: {
        title: "值機人員沒有說過詞庫裡的說法",
        hint: "{{n}} 通已有逐字稿且已知結果。請放寬期間或佇列，或在詞庫的 wordings 加入值機人員實際的說法。",
      },
    },
  },
};

export type Words = typeof words;
export default words;
