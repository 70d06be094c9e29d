import { type RefObject, useRef } from "react";
import "./rules.css";

/** A plain text with the numbers of its lines; those with a fault are marked. */
export function Editor(props: {
  area: RefObject<HTMLTextAreaElement | null>;
  label: string;
  test: string;
  text: string;
  faulty: Set<number>;
  change: (text: string) => void;
}) {
  const numbers = useRef<HTMLDivElement>(null);
  const count = props.text.split("\n").length;
  return (
    <div className="rule-text">
      <div className="rule-lines" ref={numbers} aria-hidden>
        {Array.from({ length: count }, (_, n) => n + 1).map((n) => (
          <div key={n} className={props.faulty.has(n) ? "faulty" : undefined}>
            {props.faulty.has(n) ? "● " : ""}
            {n}
          </div>
        ))}
        {/* The bar that scrolls sideways takes room beneath the text. */}
        <div />
      </div>
      <textarea
        ref={props.area}
        aria-label={props.label}
        aria-invalid={props.faulty.size > 0}
        data-testid={props.test}
        spellCheck={false}
        value={props.text}
        onChange={(e) => props.change(e.currentTarget.value)}
        onScroll={(e) => {
          if (numbers.current) numbers.current.scrollTop = e.currentTarget.scrollTop;
        }}
      />
    </div>
  );
}

/** Puts the cursor on a line of the text and shows it. */
export function goTo(area: HTMLTextAreaElement | null, line: number) {
  if (!area) return;
  const start = area.value
    .split("\n")
    .slice(0, line - 1)
    .reduce((n, l) => n + l.length + 1, 0);
  const end = area.value.indexOf("\n", start);
  area.focus();
  area.setSelectionRange(start, end < 0 ? area.value.length : end);
  area.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(area).lineHeight));
}
