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
};

export type MessagesWords = typeof words;
export default words;
