import type { Words } from "./lift.zh";

/** The English of lift.zh.ts; the compiler sees to it that nothing is missing. */
const words: Words = {
  lift: {
    file: "phrases-that-help",
    wording: "Wording",
    phrase: "Phrase",
    source_label: "Where phrases come from",
    source: { dictionary: "Wordings of the dictionary", mined: "Phrases that are found" },
    survey: "Survey",
    mined: {
      whole: "All {{n}} calls were looked through.",
      sample:
        "Of {{all}} calls {{n}} were looked through, drawn by the seed {{seed}}; with the same seed they are the same calls.",
      how: "Every phrase of at least {{floor}} calls was tried (2–8 Chinese characters, or 1–4 words): {{tried}} of them; one that only stands within a longer one is left out. Of many trials some succeed by chance, so the chance is corrected for their number (Benjamini–Hochberg, 5%).",
    },
    any_of: "Any of these counts: {{phrases}}",
    outcome_label: "Outcome",
    outcome: { sold: "Sold", resolved: "Resolved", satisfied: "Satisfied (4–5)", promoter: "Promoter (9–10)" },
    not_cause: "This is what goes together, not what causes what",
    not_cause_hint:
      "That a wording often comes with an outcome does not mean that saying it brings the outcome about: somebody who has decided to buy hears the order read back. Before you change a script, listen to the calls, or try it with one group against another.",
    basis: "{{n}} calls have a transcript and a known outcome; {{won}} of them ({{rate}}) are “{{outcome}}”.",
    codes: " By disposition: {{codes}}.",
    comma: ", ",
    and: "; ",
    figure: {
      calls: "Calls with it",
      won: "With the outcome",
      rate_with: "Rate with it",
      rate_without: "Rate without",
      lift: "Lift",
      lift_interval: "Lift (95% interval)",
      low: "95% interval from",
      high: "95% interval to",
      reading: "How to read it",
      phrases: "Phrases",
      false_discovery: "False discovery rate",
    },
    means: {
      calls: "Calls in which the agent who ended the call said so; a call counts once however often that was.",
      won: "Those of them that have the chosen outcome.",
      rate_with: "Percent of the calls with the wording that have the outcome.",
      rate_without: "Percent of the calls without the wording that have the outcome.",
      lift: "The rate with it divided by the rate without: 2 is twice as often, 1 is no difference. In brackets the interval of 95% confidence. The table is in order of its lower end, the greatest first.",
      reading:
        "Fewer than 30 calls with the wording, or fewer than 5 of them with the outcome, are too few. An interval that includes 1 means that more and less often are both possible.",
    },
    reading: {
      few: "Too few calls: may be chance",
      open: "Interval includes 1: no clear difference",
      chance: "May be chance, among so many trials",
      more: "More often together",
      less: "Less often together",
      unsaid: "Nothing to compare with",
    },
    empty: {
      no_codes: {
        title: "No disposition stands for “{{outcome}}” yet",
        hint: "Ask whoever keeps the dictionary to list the codes of dispositions for {{key}} under outcomes, and to publish it.",
      },
      unknown_codes: {
        title: "There is no disposition {{codes}}",
        hint: "The dictionary names it for “{{outcome}}”, but there is none. Ask an administrator to add it on the codes page of Administration, or name a code that exists under outcomes in the dictionary.",
      },
      no_calls: {
        title: "There are no calls to compare in this period",
        disposition:
          "A call counts when it has a transcript and a disposition. Choose a longer period or all queues, and see whether recordings are transcribed.",
        survey:
          "A call counts when it has a transcript and the customer answered this question. Choose a longer period or all queues, and see whether the survey is on and recordings are transcribed.",
        link: "How far transcripts are, on Quality",
      },
      none_won: {
        title: "None of {{n}} calls is “{{outcome}}”",
        disposition:
          "Choose a longer period or all queues, and see whether agents choose the disposition {{codes}} after the call.",
        survey: "Choose a longer period or all queues.",
      },
      few_calls: {
        title: "There are too few calls to find phrases in",
        hint: "A phrase must be in at least {{floor}} calls, and missing in as many; the outcome of only {{n}} is known. Choose a longer period or all queues.",
      },
      no_phrases: {
        title: "No phrase is said often enough",
        hint: "In {{n}} calls there is no phrase that is in at least {{floor}} of them and not in nearly all. Choose a longer period or all queues.",
      },
      no_wordings: {
        title: "Agents said none of the wordings in the dictionary",
        hint: "{{n}} calls have a transcript and a known outcome. Choose a longer period or all queues, or add to wordings in the dictionary what agents really say.",
      },
    },
  },
};

export default words;
