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
  asking: {
    title: "When to ask",
    hint: "When the callers of each queue are asked. Who is asked is drawn by the system; agents neither see nor decide it. The queue step of the flow names the survey.",
    no_channel: "Neither SMS nor mail is set up here, so no links are sent. Ask an administrator to set notify.",
    agreed: "Who agreed in the flow to stay on the line",
    key: "By the agent's key",
    after: "After the agent hangs up",
    link: "By a link, when the caller hangs up first",
    share: "Share of callers (%)",
    agent_a_day: "Most an agent and day (0: no limit)",
    queue_a_day: "Most a queue and day (0: no limit)",
    rest_days: "Not again within days",
    link_days: "Days a link is good for",
    hours: "Hours of messages",
    hours_hint: "SMS and mail that are due outside of them wait until they begin.",
    from: "From",
    to: "To",
    save: "Save",
    empty: "There is no queue yet",
    empty_hint: "Add one under Administration.",
  },
};
export default words;
