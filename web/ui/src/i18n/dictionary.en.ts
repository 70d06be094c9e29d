import type { Words } from "./dictionary.zh";

/** The English of dictionary.zh.ts; the compiler sees to it that nothing is missing. */
const words: Words = {
  dictionary: {
    tab: { edit: "Edit", history: "Versions" },
    text: "Dictionary (YAML)",
    hint: "A saved draft counts for nothing yet. Once it is live, new transcripts are looked through by it, and those of before again in the background, the newest first. The language is described in the documentation of quality, under the dictionary.",
    side: "What is shown beside",
    show: { faults: "Check", diff: "Difference to live", tried: "Try" },
    no_faults: "No faults: {{topics}} topics, {{products}} products, {{wordings}} wordings.",
    entry: "Entry",
    kind_label: "Kind",
    kind: { topic: "Topic", product: "Product", wording: "Wording" },
    figure: { live: "Live", tried: "This one", new: "More", gone: "Fewer" },
    try: "Try on the newest calls",
    try_hint:
      "Counts in how many of the newest calls each entry comes up, beside the live dictionary: at most 500 calls or 8 seconds. Nothing is stored.",
    tried_n: "The newest {{n}} calls were looked through.",
    no_calls: "There are no transcripts yet to try it on.",
    changed_since: "The text has changed since: try again.",
    publish_hint:
      "Once it is live, past transcripts are looked through again in the background; until then Trends says how many are left.",
    live_now: "Version {{version}} is live now.",
  },
};

export default words;
