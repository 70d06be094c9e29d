export type Part = { at: number; text: string; link: boolean };

/** A text in parts, of which some are addresses: what follows a sentence (`。`, `.`, `)`) is no part of one. */
export function split(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const m of text.matchAll(/https?:\/\/[\w\-.~:/?#@!$&'*+,;=%[\]]+/g)) {
    const link = m[0].replace(/[.,;:!?']+$/, "");
    if (m.index > from) parts.push({ at: from, text: text.slice(from, m.index), link: false });
    parts.push({ at: m.index, text: link, link: true });
    from = m.index + link.length;
  }
  if (from < text.length) parts.push({ at: from, text: text.slice(from), link: false });
  return parts;
}
