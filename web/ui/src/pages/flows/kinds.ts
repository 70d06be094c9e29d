/**
 * What the editor knows of the kinds of steps. A new kind costs one entry here: its form, its lines in the picture and the step
 * that "add" makes come of it. Labels are `flows.kind.NAME` and `flows.field.KEY`; where there are none yet the key stands.
 * A kind that is not here is shown in the picture, and changed as YAML.
 */
export type Field = {
  /** Below the action: `timeout.after` is a key in a key. */
  key: string;
  type:
    | "target" // the step that follows
    | "say" // prompts, with their words in each language
    | "words" // a text in each language
    | "language"
    | "duration"
    | "number"
    | "flag"
    | "queue"
    | "survey"
    | "flow" // another flow
    | "service" // one that is configured
    | "calendar"
    | "text"
    | "value" // one of the flow's values
    | "choices" // of a menu, by digits: label and next
    | "cases" // of a branch: is, from, to and next
    | "pairs" // names by names
    | "yaml"; // too rich for a form: shown, and changed as YAML
  required?: boolean;
  /** The only values, for a list to choose from. */
  of?: string[];
  /** What holds where it is not given, as a hint. */
  usual?: string;
};

export type Kind = {
  colour: string;
  fields: Field[];
  /** Where a caller stands still; a flow's drop-outs are there. */
  waits?: boolean;
};

const next: Field = { key: "next", type: "target", required: true };
const say: Field = { key: "say", type: "say", required: true };
const target = (key: string, required = true): Field => ({ key, type: "target", required });
const retry = (key: string): Field[] => [
  { key: `${key}.say`, type: "say" },
  { key: `${key}.repeat`, type: "number", usual: "2" },
  target(`${key}.next`),
];
const bargeIn: Field = { key: "barge-in", type: "flag", usual: "true" };
const recording: Field = { key: "recording", type: "text", of: ["on", "off"] };

export const kinds: Record<string, Kind> = {
  play: { colour: "blue", fields: [say, bargeIn, next] },
  consent: {
    colour: "orange",
    waits: true,
    fields: [
      say,
      { key: "refuse", type: "text" },
      { key: "after", type: "duration", usual: "3s" },
      target("refused", false),
      next,
    ],
  },
  menu: {
    colour: "violet",
    waits: true,
    fields: [
      say,
      bargeIn,
      { key: "choices", type: "choices", required: true },
      { key: "timeout.after", type: "duration", usual: "6s" },
      ...retry("timeout"),
      ...retry("invalid"),
    ],
  },
  ask: {
    colour: "violet",
    waits: true,
    fields: [
      { key: "value", type: "value", required: true },
      say,
      { key: "digits", type: "text" },
      { key: "check", type: "text", of: ["luhn"] },
      bargeIn,
      { key: "timeout.after", type: "duration", usual: "6s" },
      ...retry("timeout"),
      ...retry("invalid"),
      next,
    ],
  },
  hours: {
    colour: "cyan",
    fields: [
      { key: "week", type: "yaml" },
      { key: "dates", type: "yaml" },
      { key: "calendar", type: "calendar" },
      target("open"),
      target("closed"),
      target("holiday", false),
      target("emergency", false),
    ],
  },
  language: { colour: "gray", fields: [{ key: "set", type: "language", required: true }, next] },
  set: {
    colour: "gray",
    fields: [
      { key: "value", type: "value", required: true },
      { key: "to", type: "text" },
      { key: "from", type: "value" },
      next,
    ],
  },
  branch: {
    colour: "cyan",
    fields: [
      { key: "value", type: "value", required: true },
      { key: "cases", type: "cases", required: true },
      target("else"),
    ],
  },
  lookup: {
    colour: "teal",
    waits: true,
    fields: [
      { key: "service", type: "service", required: true },
      { key: "send", type: "pairs" },
      { key: "get", type: "pairs" },
      { key: "say", type: "say" },
      target("found"),
      target("missing"),
      target("failed"),
    ],
  },
  pay: {
    colour: "orange",
    waits: true,
    fields: [
      { key: "service", type: "service", required: true },
      { key: "send", type: "pairs" },
      { key: "say", type: "say" },
      target("paid"),
      target("declined"),
      target("failed"),
    ],
  },
  task: {
    colour: "teal",
    fields: [
      { key: "kind", type: "text", of: ["callback", "follow-up"], required: true },
      { key: "queue", type: "queue" },
      { key: "note", type: "words" },
      target("done"),
      target("failed"),
    ],
  },
  message: {
    colour: "teal",
    waits: true,
    fields: [
      say,
      { key: "longest", type: "duration", usual: "2m" },
      { key: "shortest", type: "duration", usual: "2s" },
      { key: "review.say", type: "say" },
      { key: "review.after", type: "duration", usual: "6s" },
      ...retry("empty"),
      { key: "queue", type: "queue" },
      { key: "note", type: "words" },
      target("done"),
      target("failed"),
    ],
  },
  queue: {
    colour: "green",
    waits: true,
    fields: [
      { key: "id", type: "queue", required: true },
      { key: "survey", type: "survey" },
      { key: "agreed", type: "flag", usual: "false" },
      recording,
      { key: "busy", type: "say" },
      { key: "waiting", type: "say" },
      { key: "tell", type: "yaml" },
      { key: "every", type: "duration" },
      target("timeout"),
      target("unstaffed"),
      target("closed"),
      target("done", false),
    ],
  },
  transfer: {
    colour: "orange",
    waits: true,
    fields: [
      { key: "to", type: "text", required: true },
      { key: "say", type: "say" },
      { key: "ring", type: "duration", usual: "30s" },
      target("done", false),
      target("failed"),
    ],
  },
  survey: { colour: "green", waits: true, fields: [{ key: "id", type: "survey", required: true }, next] },
  flow: {
    colour: "indigo",
    fields: [
      { key: "id", type: "flow", required: true },
      { key: "send", type: "pairs" },
      { key: "get", type: "pairs" },
      target("done"),
      target("failed"),
    ],
  },
  return: { colour: "indigo", fields: [] },
  goto: {
    colour: "gray",
    fields: [target("step"), { key: "times", type: "number" }, target("then", false)],
  },
  hangup: { colour: "red", fields: [{ key: "say", type: "say" }] },
};
