const ignored = /[\s\p{P}]/u;

/** A text without what a search leaves out, and where each of its characters stands in the text. */
function folded(text: string): { plain: string; at: number[] } {
  let plain = "";
  const at: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const c = text.charAt(i);
    if (ignored.test(c)) continue;
    plain += c.normalize("NFKC").toLowerCase().charAt(0);
    at.push(i);
  }
  return { plain, at };
}

/** Whether a word of a search has fewer than two characters, or there is none. */
export function tooShort(q: string): boolean {
  const words = q.split(/\s+/).filter(Boolean);
  return words.length === 0 || words.some((w) => folded(w).plain.length < 2);
}

export type Part = { text: string; at: number; found: boolean };

/** A line parted into what was looked for and what stands around it. */
export function parts(text: string, q: string): Part[] {
  const { plain, at } = folded(text);
  const marked = new Array<boolean>(text.length).fill(false);
  for (const word of q.split(/\s+/).map((w) => folded(w).plain)) {
    if (!word) continue;
    for (let i = plain.indexOf(word); i >= 0; i = plain.indexOf(word, i + 1)) {
      marked.fill(true, at[i] ?? 0, (at[i + word.length - 1] ?? 0) + 1);
    }
  }
  const out: Part[] = [];
  for (let i = 0; i < text.length; i++) {
    const last = out.at(-1);
    const found = marked[i] ?? false;
    if (last && last.found === found) last.text += text.charAt(i);
    else out.push({ text: text.charAt(i), at: i, found });
  }
  return out;
}
