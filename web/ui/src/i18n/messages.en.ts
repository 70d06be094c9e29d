import type { MessagesWords } from "./messages.zh";

/** Words for messages to customers. */
const words: MessagesWords = {
  mailbox: {
    hint: "Nothing is really sent from here. What would have been sent is below, and its links work.",
    list: "Messages",
    to: "To",
    channel: { sms: "SMS", mail: "Email" },
    no_subject: "(no subject)",
    empty: "The mailbox is empty",
    empty_hint: "Messages to customers turn up here.",
  },
};
export default words;
