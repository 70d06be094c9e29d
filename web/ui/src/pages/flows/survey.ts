import { parse } from "yaml";
import type { Fault } from "./Faults";
import { copyIn, insertIn, linesAt, type Path, removeIn, renameIn, setIn, type Value } from "./patch";
import { type Answers, questionKinds } from "./questions";

export type Texts = Record<string, string>;

export type Question = {
  id: string;
  kind: string;
  text: Texts;
  /** As it is read on a web page, where nobody presses keys; empty where the text will do. */
  web: Texts;
  wait: string;
  tries: string;
  fail: string;
  /** Of a comment. */
  longest: string;
  /** Of a choice, by digit. */
  options: [string, Texts][];
  /** Answers that lead elsewhere than to the next question. */
  ways: [string, string][];
};

export type Survey = {
  languages: string[];
  /** What is said around the questions, by its key. */
  said: Record<string, Texts>;
  questions: Question[];
  /** Why nothing can be shown. */
  broken: string;
};

/** What is said around the questions; only the thanks must be there. */
export const around = ["intro", "thanks", "goodbye", "invalid", "silent"] as const;

type Loose = Record<string, unknown>;
const object = (v: unknown): Loose => (typeof v === "object" && v !== null && !Array.isArray(v) ? (v as Loose) : {});
const text = (v: unknown): string => (typeof v === "string" ? v : "");
const texts = (v: unknown): Texts => Object.fromEntries(Object.entries(object(v)).map(([l, w]) => [l, text(w)]));

/** What the text says, as far as it can be read. */
export function readSurvey(yaml: string): Survey {
  let doc: Loose;
  try {
    doc = object(parse(yaml, { uniqueKeys: false, schema: "failsafe" }));
  } catch (e) {
    return { languages: [], said: {}, questions: [], broken: e instanceof Error ? e.message : String(e) };
  }
  const languages = (Array.isArray(doc.languages) ? doc.languages : [doc.languages]).map(text).filter(Boolean);
  return {
    languages,
    said: Object.fromEntries(around.map((k) => [k, texts(doc[k])])),
    questions: (Array.isArray(doc.questions) ? doc.questions.map(object) : []).map((q) => ({
      id: text(q.id),
      kind: text(q.kind),
      text: texts(q.text),
      web: texts(q.web),
      wait: text(q.wait),
      tries: text(q.tries),
      fail: text(q.fail),
      longest: text(q.longest),
      options: Object.entries(object(q.options)).map(([d, label]) => [d, texts(label)]),
      ways: Object.entries(object(q.then)).map(([answer, to]) => [answer, text(to)]),
    })),
    broken: "",
  };
}

const list: Path = ["questions"];

/** A name for a question that none has yet. */
function freeId(survey: Survey, like: string): string {
  for (let n = 1; ; n++) {
    const id = n === 1 ? like : `${like}-${n}`;
    if (!survey.questions.some((q) => q.id === id)) return id;
  }
}

const words = (of: Texts, languages: string[]) => Object.fromEntries(languages.map((l) => [l, of[l] ?? ""]));

/** A new question behind all others, with words to begin with. */
export function addQuestion(yaml: string, survey: Survey, kind: string): string {
  const begin = questionKinds[kind];
  if (!begin) return yaml;
  const item: { [key: string]: Value } = {
    id: freeId(survey, begin.id),
    kind,
    text: words(begin.text, survey.languages),
  };
  if (begin.options) item.options = optionsOf(begin.options, survey.languages);
  return insertIn(yaml, list, survey.questions.length, item);
}

function optionsOf(options: Answers, languages: string[]): Value {
  return Object.fromEntries(Object.entries(options).map(([digit, label]) => [digit, words(label, languages)]));
}

/** Its answers are stored by themselves, so that the copy has a name of its own. */
export function copyQuestion(yaml: string, survey: Survey, n: number): string {
  const id = survey.questions[n]?.id || "question";
  return copyIn(yaml, list, n, "id", freeId(survey, id.replace(/-\d+$/, "")));
}

/** Gives a question another name, also where answers lead to it. */
export function renameQuestion(yaml: string, survey: Survey, n: number, id: string): string {
  const from = survey.questions[n]?.id;
  let out = setIn(yaml, [...list, n, "id"], id);
  for (const [i, q] of survey.questions.entries())
    for (const [answer, to] of q.ways) if (to === from && from) out = setIn(out, [...list, i, "then", answer], id);
  return out;
}

/** Another kind takes other answers: options and ways of answers that it does not have are taken away. */
export function changeKind(yaml: string, survey: Survey, n: number, kind: string): string {
  const q = survey.questions[n];
  const begin = questionKinds[kind];
  if (!q || !begin) return yaml;
  let out = setIn(yaml, [...list, n, "kind"], kind);
  if (begin.options && q.options.length === 0)
    out = setIn(out, [...list, n, "options"], optionsOf(begin.options, survey.languages));
  if (!begin.options && q.options.length > 0) out = removeIn(out, [...list, n, "options"]);
  if (!begin.spoken && q.longest !== "") out = removeIn(out, [...list, n, "longest"]);
  const has = begin.options && q.options.length > 0 ? q.options.map(([d]) => d) : Object.keys(begin.answers);
  for (const [answer] of q.ways) if (!has.includes(answer)) out = dropWay(out, n, answer);
  return out;
}

/** Takes away where an answer leads; without any the key goes too. */
export function dropWay(yaml: string, n: number, answer: string): string {
  const out = removeIn(yaml, [...list, n, "then", answer]);
  return (readSurvey(out).questions[n]?.ways.length ?? 0) > 0 ? out : removeIn(out, [...list, n, "then"]);
}

/** Gives the way of one answer to another. */
export function renameWay(yaml: string, n: number, from: string, to: string): string {
  return renameIn(yaml, [...list, n, "then", from], to);
}

/** Words in one language; a text that nothing is left of goes as a whole. */
export function say(yaml: string, path: Path, now: Texts, language: string, said: string): string {
  if (said !== "") return setIn(yaml, [...path, language], said);
  const left = Object.entries(now).some(([l, w]) => l !== language && w !== "");
  return left ? setIn(yaml, [...path, language], "") : removeIn(yaml, path);
}

/** The answers that callers can give, with their words. */
export function answersOf(q: Question, language: string): { value: string; label: string }[] {
  const of: [string, Texts][] = q.kind === "choice" ? q.options : Object.entries(questionKinds[q.kind]?.answers ?? {});
  return of.map(([value, label]) => ({
    value,
    label: `${value} ${label[language] ?? Object.values(label)[0] ?? ""}`.trim(),
  }));
}

const fields: [RegExp, string][] = [
  [/^`then`/, "then"],
  [/^option|label of option|offers no choice|has option/, "options"],
  [/ waits /, "wait"],
  [/ records for /, "longest"],
  [/ is asked /, "tries"],
  [/ its last try/, "fail"],
  [/unknown kind/, "kind"],
  [/has no id|is there twice|is no name/, "id"],
];

/**
 * Where a fault is shown: at a field of a question, by the words of the check or by its lines, or else at what is said around
 * the questions. "" is the whole survey.
 */
export function placeOf(yaml: string, survey: Survey, f: Fault): { question?: number; field: string } {
  const within = (path: Path) => {
    const lines = linesAt(yaml, path);
    return lines !== undefined && f.line >= lines[0] && f.line <= lines[1];
  };
  const question = survey.questions.findIndex((_, n) => within([...list, n]));
  if (question >= 0) {
    const named = fields.find(([words]) => words.test(f.message))?.[1] ?? /`([a-z]+)`/.exec(f.message)?.[1];
    const lined = ["text", "web", "options", "then"].filter((k) => within([...list, question, k]));
    const field = named ?? (lined.length === 1 ? lined[0] : /words in|no way/.test(f.message) ? "text" : undefined);
    return { question, field: field ?? "" };
  }
  const key = /`([a-z]+)`/.exec(f.message)?.[1] ?? around.find((k) => within([k]));
  return {
    field: (around as readonly string[]).includes(key ?? "") ? (key ?? "") : key === "languages" ? "languages" : "",
  };
}
