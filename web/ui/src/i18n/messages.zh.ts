/** 寄給顧客的簡訊與郵件的用語。 */
const words = {
  mailbox: {
    hint: "這個環境不會真的寄出簡訊與郵件；原本要寄的內容都在這裡，連結可以點開。",
    list: "訊息",
    to: "收件人",
    channel: { sms: "簡訊", mail: "電子郵件" },
    no_subject: "（無主旨）",
    empty: "信箱是空的",
    empty_hint: "有訊息要寄給顧客時，會出現在這裡。",
  },
  asking: {
    title: "邀請時機",
    hint: "每個佇列在什麼時候邀請來電者填問卷。邀請對象由系統抽選，客服人員看不到也不能決定。問卷由語音流程的佇列步驟指定。",
    no_channel: "這個環境沒有設定簡訊或郵件，不會寄出問卷連結。請管理員設定 notify。",
    agreed: "流程中已同意留線作答",
    key: "客服人員按鍵轉問卷",
    after: "客服人員掛斷後",
    link: "來電者先掛斷時寄連結",
    share: "抽選比例（%）",
    agent_a_day: "每人每日上限（0 不限）",
    queue_a_day: "佇列每日上限（0 不限）",
    rest_days: "幾天內不重複邀請",
    link_days: "連結有效天數",
    hours: "寄送時段",
    hours_hint: "時段以外產生的簡訊與郵件，等到時段開始才寄出。",
    from: "開始",
    to: "結束",
    save: "儲存",
    empty: "還沒有佇列",
    empty_hint: "請先在系統管理新增佇列。",
  },
};

export type MessagesWords = typeof words;
export default words;
