import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { api, type Schemas } from "../../api/client";
import { type Question, type Sheet, sheetKey, valuesOf } from "../quality/parts";

export type Mark = "confirmed" | "rejected" | "corrected";
type Answers = Record<string, { value: string; note: string }>;
type Marks = Record<number, { mark: Mark; rule_is: string }>;

/** What the reviewer has said already, as the sheet tells it. */
export function begun(sheet: Sheet, me: string): { answers: Answers; marks: Marks } {
  const answers: Answers = {};
  for (const a of sheet.answers)
    if (a.review_id === sheet.mine?.id) answers[a.question] = { value: a.value, note: a.note };
  const marks: Marks = {};
  for (const f of sheet.findings)
    for (const m of f.marks)
      if (m.by === me && (m.mark === "confirmed" || m.mark === "rejected" || m.mark === "corrected"))
        marks[f.id] = { mark: m.mark, rule_is: m.rule_is };
  return { answers, marks };
}

/** The machine's last answer to each question. */
export function suggested(sheet: Sheet): Record<string, string> {
  const out: Record<string, string> = {};
  for (const a of sheet.answers) if (a.source !== "person") out[a.question] = a.value;
  return out;
}

/** The answer that a digit key gives: the number itself, 1 and 0 for yes and no, or the place of a choice; "-" is not applicable. */
export function valueOfKey(q: Question, key: string): string | null {
  const values = valuesOf(q);
  if (key === "-") return q.na ? "na" : null;
  if (!/^\d$/.test(key)) return null;
  if (q.kind === "yes_no") return key === "1" ? "yes" : key === "0" ? "no" : null;
  if (q.kind === "choice") return q.choices?.[Number(key) - 1]?.id ?? null;
  return values.includes(key) ? key : null;
}

/** The key that gives an answer, to be shown on it. */
export function keyOfValue(q: Question, value: string): string {
  for (const key of ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "-"])
    if (valueOfKey(q, key) === value) return key;
  return "";
}

const saveAfter = 500;

/** A review in the making: every change is saved by itself, and finishing saves the whole of it. */
export function useDraft(sheet: Sheet, me: string) {
  const client = useQueryClient();
  const [draft, setDraft] = useState(() => begun(sheet, me));
  const [dirty, setDirty] = useState(false);
  const review = sheet.mine?.state === "claimed" ? sheet.mine.id : 0;
  const put = useMutation({
    mutationFn: (body: Schemas["ReviewDraft"]) =>
      api.PUT("/api/v1/review/{id}", { params: { path: { id: review } }, body }),
  });
  const body = useCallback(
    (done: boolean): Schemas["ReviewDraft"] => ({
      answers: Object.entries(draft.answers).map(([question, a]) => ({ question, ...a })),
      marks: Object.entries(draft.marks).map(([finding, m]) => ({ finding: Number(finding), ...m })),
      done,
    }),
    [draft],
  );
  const { mutate } = put;
  useEffect(() => {
    if (!dirty || review === 0) return;
    const timer = setTimeout(() => mutate(body(false), { onSuccess: () => setDirty(false) }), saveAfter);
    return () => clearTimeout(timer);
  }, [dirty, review, body, mutate]);
  // Whoever leaves the call within the half second has said it all the same.
  const last = useRef<(() => void) | null>(null);
  last.current = dirty && review !== 0 ? () => mutate(body(false)) : null;
  useEffect(() => () => last.current?.(), []);

  const change = (next: (d: typeof draft) => typeof draft) => {
    setDraft(next);
    setDirty(true);
  };
  return {
    ...draft,
    saving: dirty || put.isPending,
    error: put.error,
    answer: (question: string, value: string) =>
      change((d) => ({
        ...d,
        answers: { ...d.answers, [question]: { value, note: d.answers[question]?.note ?? "" } },
      })),
    note: (question: string, note: string) =>
      change((d) => ({
        ...d,
        answers: { ...d.answers, [question]: { value: d.answers[question]?.value ?? "", note } },
      })),
    mark: (finding: number, mark: Mark, rule_is = "") =>
      change((d) => ({ ...d, marks: { ...d.marks, [finding]: { mark, rule_is } } })),
    /** Takes the machine's answers where none was given, and confirms the findings that are not marked. */
    acceptRest: () =>
      change((d) => {
        const answers = { ...d.answers };
        for (const [question, value] of Object.entries(suggested(sheet))) answers[question] ??= { value, note: "" };
        const marks = { ...d.marks };
        for (const f of sheet.findings) if (f.stands === "") marks[f.id] ??= { mark: "confirmed", rule_is: "" };
        return { answers, marks };
      }),
    finish: () =>
      put.mutate(body(true), {
        onSuccess: () => {
          setDirty(false);
          void client.invalidateQueries({ queryKey: sheetKey(sheet.leg) });
          void client.invalidateQueries({ queryKey: ["review"] });
        },
      }),
  };
}

export type Draft = ReturnType<typeof useDraft>;
