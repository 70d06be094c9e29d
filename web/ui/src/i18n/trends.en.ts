import type { Words } from "./trends.zh";

/** The English of trends.zh.ts; the compiler sees to it that nothing is missing. */
const words: Words = {
  trends: {
    file: "trends",
    tabs: { topics: "Topics and products", phrases: "Phrases that help" },
    name: "Item",
    shape: "Course",
    export: "Export CSV",
    export_examples: "Export examples",
    kind_label: "Topics or products",
    kind: { topic: "Topics", product: "Products" },
    role_label: "Said by",
    role: { caller: "Customers", agent: "Agents", both: "Both" },
    step_label: "By day or week",
    step: { day: "Day", week: "Week" },
    figure: {
      calls: "Calls",
      share: "Share",
      share_before: "Share before",
      change: "Change",
      mentions: "Lines",
      positive: "Lines of praise",
      negative: "Lines of complaint",
      balance: "Opinion",
    },
    means: {
      calls: "Calls in which it was spoken of; a call counts once however often that was.",
      share: "Percent of all calls of the period that have a transcript.",
      change: "Of the share against the period before of the same length; nothing when it did not come up then.",
      balance:
        "Lines of praise minus lines of complaint, in percent of the lines that have either: −100 is all complaint, +100 all praise. It counts words, and knows no irony.",
    },
    opinions: "{{positive}} lines of praise, {{negative}} of complaint",
    course: "{{name}}: percent of calls",
    course_label: "Course of {{name}}: {{n}} calls, {{share}}",
    examples: "Examples",
    mood_label: "Opinion of the examples",
    mood: { all: "All", negative: "Complaint", positive: "Praise", none: "Neither" },
    heard: "Words found",
    opinion: "Opinion",
    word: "Opinion word",
    well: "Praise: {{word}}",
    ill: "Complaint: {{word}}",
    no_examples: {
      title: "There is no such example",
      hint: "Choose another opinion, a longer period or fewer conditions.",
    },
    behind: "{{n}} transcripts were not looked through by the present dictionary yet",
    behind_hint:
      "That is being done, the newest first, and the figures grow meanwhile. If this number stays, ask an administrator whether hotline worker runs.",
    empty: {
      title: "Nothing of the dictionary was spoken of in this period",
      hint: "{{n}} calls have a transcript. Choose a longer period, fewer conditions or “Both”, or add to the dictionary what customers really say.",
    },
  },
};

export default words;
