import { expect, test } from "vitest";
import type { Fault } from "./Faults";
import { moveIn } from "./patch";
import { questionKinds } from "./questions";
import {
  addQuestion,
  answersOf,
  changeKind,
  copyQuestion,
  dropWay,
  placeOf,
  readSurvey,
  renameQuestion,
  renameWay,
  say,
} from "./survey";
import { template, templates } from "./template";

const yaml = `# after a call
kind: survey
version: 1
id: care
languages: [zh-TW, en]
thanks: {zh-TW: 謝謝。, en: Thanks.}
questions:
  # solved?
  - id: solved # stored under this
    kind: yesno
    text: {zh-TW: 解決了嗎？, en: "Solved?"}
    then: {1: last, 2: reason}
  - id: reason
    kind: choice
    text: {zh-TW: 為什麼？, en: "Why?"}
    options:
      1: {zh-TW: 商品, en: product}
      2: {zh-TW: 服務, en: service}
  - id: last
    kind: csat5
    text: {zh-TW: 滿意嗎？, en: "Satisfied?"}
    wait: 8s
`;
const survey = readSurvey(yaml);
const fault = (line: number, message: string): Fault => ({
  line,
  column: 1,
  step: "",
  message,
  remedy: "",
  message_zh: "",
  remedy_zh: "",
  warning: false,
});

test("what a survey says", () => {
  expect(survey.languages).toEqual(["zh-TW", "en"]);
  expect(survey.questions.map((q) => `${q.id} ${q.kind} ${q.wait} ${q.ways}`)).toEqual([
    "solved yesno  1,last,2,reason",
    "reason choice  ",
    "last csat5 8s ",
  ]);
  expect(answersOf(survey.questions[1] as never, "zh-TW")).toEqual([
    { value: "1", label: "1 商品" },
    { value: "2", label: "2 服務" },
  ]);
  expect(readSurvey("questions: [").broken).not.toBe("");
  expect(readSurvey("questions: {a: b}").questions).toEqual([]);
});

test("a new question of each kind has words, and a name that none has", () => {
  for (const kind of Object.keys(questionKinds)) {
    const added = readSurvey(addQuestion(yaml, survey, kind)).questions.at(-1);
    expect(added?.kind).toBe(kind);
    expect(added?.text.en).not.toBe("");
    expect(survey.questions.map((q) => q.id)).not.toContain(added?.id);
  }
  expect(readSurvey(addQuestion(yaml, survey, "choice")).questions.at(-1)?.options).toHaveLength(3);
});

test("another name is another name everywhere", () => {
  const after = renameQuestion(yaml, survey, 2, "final");
  expect(after).toBe(yaml.replace("1: last", "1: final").replace("- id: last", "- id: final"));
});

test("a copy has a name of its own", () => {
  const after = readSurvey(copyQuestion(yaml, survey, 0)).questions;
  expect(after.map((q) => q.id)).toEqual(["solved", "solved-2", "reason", "last"]);
  expect(after[1]?.ways).toEqual(after[0]?.ways);
});

test("another kind leaves no answers that it does not have", () => {
  const numbers = changeKind(yaml, survey, 0, "csat5");
  expect(readSurvey(numbers).questions[0]?.ways).toEqual([
    ["1", "last"],
    ["2", "reason"],
  ]);
  const plain = readSurvey(changeKind(yaml, survey, 1, "yesno")).questions[1];
  expect([plain?.kind, plain?.options]).toEqual(["yesno", []]);
  expect(readSurvey(changeKind(yaml, survey, 2, "choice")).questions[2]?.options).toHaveLength(3);
  const six = yaml.replace("then: {1: last", "then: {5: last").replace("kind: yesno", "kind: csat5");
  expect(readSurvey(changeKind(six, readSurvey(six), 0, "yesno")).questions[0]?.ways).toEqual([["2", "reason"]]);
});

test("only a comment has a longest time", () => {
  const spoken = `${yaml}    longest: 2m\n`.replace("kind: csat5", "kind: comment");
  expect(readSurvey(spoken).questions[2]?.longest).toBe("2m");
  expect(changeKind(spoken, readSurvey(spoken), 2, "csat5")).not.toContain("longest");
});

test("ways of answers", () => {
  expect(renameWay(yaml, 0, "1", "2").includes("then: {2: last")).toBe(true);
  expect(dropWay(yaml, 0, "1")).toContain("then: {2: reason}");
  expect(dropWay(dropWay(yaml, 0, "1"), 0, "2")).not.toContain("then");
});

test("words that are gone go with their key", () => {
  const one = say(yaml, ["thanks"], survey.said.thanks ?? {}, "en", "");
  expect(one).toContain('thanks: {zh-TW: 謝謝。, en: ""}');
  expect(say(one, ["thanks"], readSurvey(one).said.thanks ?? {}, "zh-TW", "")).not.toContain("thanks");
  expect(say(yaml, ["intro"], {}, "en", "Hello.")).toContain("intro: {en: Hello.}");
});

test("moving keeps every comment", () => {
  const after = moveIn(yaml, ["questions"], 0, 2);
  expect(readSurvey(after).questions.map((q) => q.id)).toEqual(["reason", "last", "solved"]);
  expect(after).toContain("  # solved?\n  - id: solved # stored under this\n");
});

test.each([
  [9, 'question "solved" is there twice', { question: 0, field: "id" }],
  [9, 'question "solved" has no words in en', { question: 0, field: "text" }],
  [12, '`then` goes to "reason", which is no later question', { question: 0, field: "then" }],
  [13, 'question "reason" offers no choice', { question: 1, field: "options" }],
  [17, "the label of option 1 is empty in en", { question: 1, field: "options" }],
  [19, 'question "last" waits 90s for an answer', { question: 2, field: "wait" }],
  [21, "`text` is too long in en", { question: 2, field: "text" }],
  [9, '`web` of question "solved" has no words in en', { question: 0, field: "web" }],
  [13, 'no way leads to question "reason"', { question: 1, field: "text" }],
  [2, "`thanks` has no words in en", { field: "thanks" }],
  [6, "`thanks` is empty in en", { field: "thanks" }],
  [2, "the survey has 0 questions", { field: "" }],
])("line %d: %s", (line, message, place) => expect(placeOf(yaml, survey, fault(line, message))).toMatchObject(place));

test("templates begin what can be read", () => {
  for (const from of templates.survey ?? []) {
    const read = readSurvey(template("survey", "new", from));
    expect(read.broken).toBe("");
    expect(read.questions.every((q) => q.text["zh-TW"] && q.text.en)).toBe(true);
  }
  expect(template("survey", "new", "nothing")).toBe(template("survey", "new", "care"));
  // The Go side checks that these are without faults.
  const texts = Object.entries(templates).flatMap(([kind, froms]) =>
    froms.map((from) => [`${kind}-${from}.yaml`, template(kind, "new", from)]),
  );
  const files = import.meta.glob<string>("../../../../../ivr/flowfile/testdata/templates/*.yaml", {
    query: "?raw",
    import: "default",
    eager: true,
  });
  const kept = Object.entries(files).map(([path, text]) => [path.replace(/.*\//, ""), text] as const);
  expect(new Map(kept)).toEqual(new Map(texts as [string, string][]));
});
