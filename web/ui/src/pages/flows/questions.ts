import type { Texts } from "./survey";

/** Answers or options, by the digits that are pressed. */
export type Answers = Record<string, Texts>;

/** What the builder knows of a kind of question: a new kind costs one entry here, and its name at `flows.survey.kind`. */
export type QuestionKind = {
  /** Name that the answers are stored under, as a beginning. */
  id: string;
  /** Words that such a question may begin with. */
  text: Texts;
  /** What can be answered; of a choice these are its options. */
  answers: Answers;
  /** That a new one begins with; only a choice has its own. */
  options?: Answers;
  /** It is spoken and recorded, so that there is a longest time, and nothing of it on a web page. */
  spoken?: boolean;
};

const numbers = (from: number, to: number): Answers =>
  Object.fromEntries(Array.from({ length: to - from + 1 }, (_, n) => [String(from + n), {}]));

export const questionKinds: Record<string, QuestionKind> = {
  csat5: {
    id: "satisfaction",
    text: {
      "zh-TW": "請問您對這次的服務是否滿意？非常滿意請按五，滿意請按四，普通請按三，不滿意請按二，非常不滿意請按一。",
      en: "How satisfied are you with our service today? Press five for very satisfied, four for satisfied, three for neutral, two for dissatisfied, or one for very dissatisfied.",
    },
    answers: {
      1: { "zh-TW": "非常不滿意", en: "very dissatisfied" },
      2: { "zh-TW": "不滿意", en: "dissatisfied" },
      3: { "zh-TW": "普通", en: "neutral" },
      4: { "zh-TW": "滿意", en: "satisfied" },
      5: { "zh-TW": "非常滿意", en: "very satisfied" },
    },
  },
  nps11: {
    id: "recommendation",
    text: {
      "zh-TW":
        "請問您有多大的意願，向親友推薦我們？請輸入零到十的數字，十代表非常願意，零代表完全不願意，輸入完畢請按井字鍵。",
      en: "How likely are you to recommend us to family and friends? Enter a number from zero to ten, where ten is very likely and zero is not at all likely, then press the pound key.",
    },
    answers: numbers(0, 10),
  },
  yesno: {
    id: "solved",
    text: {
      "zh-TW": "您的問題是否已經解決？已解決請按一，尚未解決請按二。",
      en: "Has your question been answered? Press one for yes, or two for no.",
    },
    answers: { 1: { "zh-TW": "是", en: "yes" }, 2: { "zh-TW": "否", en: "no" } },
  },
  choice: {
    id: "reason",
    text: {
      "zh-TW": "請問主要的原因是什麼？商品請按一，服務請按二，其他請按三。",
      en: "What is the main reason? Press one for the product, two for the service, or three for something else.",
    },
    answers: {},
    options: {
      1: { "zh-TW": "商品", en: "product" },
      2: { "zh-TW": "服務", en: "service" },
      3: { "zh-TW": "其他", en: "other" },
    },
  },
  comment: {
    id: "comment",
    text: {
      "zh-TW": "請在嗶聲後說出您的寶貴意見，說完請按任意鍵。沒有意見請直接按任意鍵。",
      en: "Please tell us what you think after the tone, and press any key when you have finished. Press any key now to leave it out.",
    },
    answers: { 1: { "zh-TW": "有留言", en: "spoken" } },
    spoken: true,
  },
};
