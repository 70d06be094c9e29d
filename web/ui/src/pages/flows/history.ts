/** The texts that were, and where one is among them. */
export type History = { texts: string[]; at: number; tag: string; when: number };

/** Typing on in one field is one step back. */
const pause = 1200;
const most = 200;

export const begun = (text: string): History => ({ texts: [text], at: 0, tag: "", when: 0 });

export const now = (h: History): string => h.texts[h.at] ?? "";

/** Adds a text; `tag` names the field that was changed. */
export function changed(h: History, text: string, tag: string, when: number): History {
  if (text === now(h)) return h;
  const past = h.texts.slice(0, h.at + 1);
  const on = tag !== "" && tag === h.tag && when - h.when < pause && past.length > 1;
  const texts = [...(on ? past.slice(0, -1) : past), text].slice(-most);
  return { texts, at: texts.length - 1, tag, when };
}

export const canUndo = (h: History) => h.at > 0;
export const canRedo = (h: History) => h.at < h.texts.length - 1;
export const undone = (h: History): History => (canUndo(h) ? { ...h, at: h.at - 1, tag: "" } : h);
export const redone = (h: History): History => (canRedo(h) ? { ...h, at: h.at + 1, tag: "" } : h);
