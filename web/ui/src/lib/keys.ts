/**
 * The one place that defines keys. A binding is written as the browser names keys: "F2", "Shift+F9", "?".
 * Bindings that write a character do nothing while one types.
 */
export type Action =
  | "answer"
  | "end"
  | "hold"
  | "mute"
  | "pause_recording"
  | "survey"
  | "next_state"
  | "ready"
  | "note"
  | "search"
  | "help";

export const actions: Action[] = [
  "answer",
  "end",
  "hold",
  "mute",
  "pause_recording",
  "survey",
  "next_state",
  "ready",
  "note",
  "search",
  "help",
];

export const defaults: Record<Action, string> = {
  answer: "F2",
  end: "F4",
  hold: "F8",
  mute: "F9",
  pause_recording: "Shift+F8",
  survey: "Shift+F4",
  next_state: "Shift+F9",
  ready: "Shift+F2",
  note: "Alt+N",
  search: "/",
  help: "?",
};

/** Keys that browsers keep for themselves or that everybody expects to do something else. */
const reserved = new Set(["F1", "F5", "F6", "F7", "F11", "F12", "Tab", "Escape", "Enter", " ", "Backspace", "Delete"]);

const storageKey = "hotline.keys";

type Press = Pick<KeyboardEvent, "key" | "code" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey">;

/** How a press is written; "" for a modifier alone. */
export function binding(e: Press): string {
  let key = e.key;
  if (["Shift", "Control", "Alt", "Meta", "Dead", "Process", "Unidentified"].includes(key)) return "";
  // With Alt a letter may come out as another character.
  if (e.altKey && /^Key[A-Z]$/.test(e.code)) key = e.code.slice(3);
  const character = key.length === 1;
  if (character && /[a-z]/.test(key)) key = key.toUpperCase();
  const parts: string[] = [];
  if (e.ctrlKey) parts.push("Ctrl");
  if (e.altKey) parts.push("Alt");
  if (e.metaKey) parts.push("Meta");
  // Shift is part of a character: "?" and not "Shift+/".
  if (e.shiftKey && (!character || /[A-Z]/.test(key))) parts.push("Shift");
  return [...parts, key].join("+");
}

/** Whether the binding writes a character when one types. */
export function writes(b: string): boolean {
  return !b.includes("Ctrl+") && !b.includes("Alt+") && !b.includes("Meta+") && b.replace("Shift+", "").length === 1;
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button", "range"].includes(target.type);
}

let own: Partial<Record<Action, string>> = load();

function load(): Partial<Record<Action, string>> {
  try {
    const read = JSON.parse(localStorage.getItem(storageKey) ?? "{}");
    return Object.fromEntries(
      Object.entries(read).filter(([a, b]) => actions.includes(a as Action) && typeof b === "string"),
    );
  } catch {
    return {};
  }
}

export function keyOf(a: Action): string {
  return own[a] ?? defaults[a];
}

/** Why a binding can't be given to an action: reserved by the browser, a digit of the wrap-up, or another action's. */
export function refusal(a: Action, b: string): "reserved" | "digit" | { used: Action } | null {
  const last = b.split("+").at(-1) ?? "";
  if (b === "" || reserved.has(last) || b.startsWith("Ctrl+") || b.startsWith("Meta+") || b === "Alt+F4")
    return "reserved";
  if (/^\d$/.test(b)) return "digit";
  const other = actions.find((o) => o !== a && keyOf(o) === b);
  return other ? { used: other } : null;
}

const listeners = new Set<() => void>();
let version = 0;

export function remap(a: Action, b: string | null) {
  own = { ...own };
  if (b === null || b === defaults[a]) delete own[a];
  else own[a] = b;
  try {
    localStorage.setItem(storageKey, JSON.stringify(own));
  } catch {
    // Without storage the change holds until the page is closed.
  }
  version++;
  for (const l of listeners) l();
}

export function subscribeKeys(l: () => void) {
  listeners.add(l);
  return () => {
    listeners.delete(l);
  };
}

/** Changes with every remap. */
export function keysVersion() {
  return version;
}

/** The action of a press, or null. */
export function actionOf(e: Press & { target: EventTarget | null }): Action | null {
  const b = binding(e);
  if (b === "") return null;
  if (writes(b) && isTyping(e.target)) return null;
  return actions.find((a) => keyOf(a) === b) ?? null;
}
