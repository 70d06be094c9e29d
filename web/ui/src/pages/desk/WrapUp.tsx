import { Button, Group, Textarea, Tooltip } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { desk, useDesk } from "../../desk/desk";
import { named } from "../../i18n";
import { duration } from "../../lib/format";
import { actionOf, isTyping, keyOf } from "../../lib/keys";
import { useSecondsLeft } from "../../lib/ticker";

type Draft = { code: string; note: string };
const none: Draft = { code: "", note: "" };
const draftKey = "hotline.draft";

/** What was chosen and written for a call, kept over a reload or a look at another page. */
function useDraft(call: string): [Draft, (d: Draft) => void] {
  const read = useCallback((): Draft => {
    try {
      const kept = JSON.parse(sessionStorage.getItem(draftKey) ?? "null");
      if (kept && kept.call === call) return { code: String(kept.code), note: String(kept.note) };
    } catch {
      // Nothing kept.
    }
    return none;
  }, [call]);
  const [draft, set] = useState(read);
  useEffect(() => set(read()), [read]);
  const save = (d: Draft) => {
    set(d);
    try {
      sessionStorage.setItem(draftKey, JSON.stringify({ call, ...d }));
    } catch {
      // It then lives as long as the page.
    }
  };
  return [draft, save];
}

/** What the call was about. It may be filled in during the call, and is saved when the call has ended. */
export function WrapUp() {
  const { t } = useTranslation();
  const s = useDesk();
  const a = s.agent;
  const call = a?.call?.call ?? "";
  const [draft, setDraft] = useDraft(call);
  const left = useSecondsLeft(a?.state === "wrap_up" ? a.wrap_up_until : undefined);
  const group = useRef<HTMLFieldSetElement>(null);
  const note = useRef<HTMLTextAreaElement>(null);
  const wrapping = a?.state === "wrap_up";
  const open = wrapping || a?.state === "talking";
  const options = (s.config?.dispositions ?? []).filter((d) => d.active !== false);
  const saving = s.asked === "dispose" || Boolean(wrapping && a?.disposition);
  const why = !open
    ? t("desk.why_save_idle")
    : !wrapping
      ? t("desk.why_save_call")
      : draft.code
        ? ""
        : t("desk.why_save_none");

  const save = useCallback(() => {
    if (why || saving) return;
    void desk.ask("dispose", { call, code: draft.code, note: draft.note.trim() });
  }, [why, saving, call, draft]);

  // The end of the talk gives the keys to the wrap-up, unless somebody is writing.
  useEffect(() => {
    if (wrapping && !isTyping(document.activeElement)) group.current?.focus({ preventScroll: true });
  }, [wrapping]);

  // A choice made is not lost because the time ran out.
  const due = wrapping && Boolean(a?.wrap_up_until) && left <= 1 && draft.code !== "";
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is due
  useEffect(() => {
    if (due) save();
  }, [due]);

  useEffect(() => {
    const press = (e: KeyboardEvent) => {
      if (actionOf(e) === "note" && open) {
        e.preventDefault();
        note.current?.focus();
        return;
      }
      if (!wrapping || e.defaultPrevented || document.querySelector("[role=dialog]")) return;
      if (e.key === "Enter" && e.ctrlKey) return save();
      if (isTyping(e.target) || e.ctrlKey || e.altKey || e.metaKey) return;
      const chosen = /^[1-9]$/.test(e.key) ? options[Number(e.key) - 1] : undefined;
      if (chosen) setDraft({ ...draft, code: chosen.code });
      else if (e.key === "Enter") {
        const on = e.target instanceof Element ? e.target.closest("button") : null;
        if (!on || on.getAttribute("aria-pressed") === "true") {
          e.preventDefault();
          save();
        }
      }
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  });

  return (
    <section className="desk-card" style={{ flex: "1 1 auto" }} aria-label={t("desk.wrap_up")} data-testid="wrap-up">
      <div className="row">
        <h2>{t("desk.wrap_up")}</h2>
        {wrapping && a?.wrap_up_until && (
          <span className="mono" data-testid="wrap-up-left">
            {t("desk.wrap_up_left")} <strong>{duration(left)}</strong>
          </span>
        )}
      </div>
      <fieldset ref={group} tabIndex={-1} style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
        <legend className="visually-hidden">{t("desk.dispositions")}</legend>
        <div className="dispositions">
          {options.map((d, i) => (
            <Button
              key={d.code}
              size="xs"
              px={8}
              justify="flex-start"
              variant={draft.code === d.code ? "filled" : "default"}
              aria-pressed={draft.code === d.code}
              data-disabled={!open || undefined}
              aria-disabled={!open || undefined}
              data-testid={`disposition-${d.code}`}
              leftSection={
                draft.code === d.code ? (
                  <IconCheck size={14} aria-hidden />
                ) : (
                  <span className="mono" aria-hidden>
                    {i < 9 ? i + 1 : ""}
                  </span>
                )
              }
              onClick={() => open && setDraft({ ...draft, code: d.code })}
            >
              {named(d)}
            </Button>
          ))}
        </div>
      </fieldset>
      <Textarea
        ref={note}
        mt={6}
        label={t("desk.note_label")}
        description={wrapping ? t("desk.wrap_up_hint") : t("desk.wrap_up_before")}
        placeholder={t("desk.note_placeholder")}
        inputWrapperOrder={["label", "input", "description"]}
        rows={2}
        maxLength={4000}
        disabled={!open}
        value={draft.note}
        onChange={(e) => setDraft({ ...draft, note: e.currentTarget.value })}
        onKeyDown={(e) => e.key === "Escape" && group.current?.focus()}
        aria-keyshortcuts={keyOf("note")}
        data-testid="note"
      />
      <Group mt={6}>
        <Tooltip label={why || t("desk.save")} openDelay={300}>
          <Button
            fullWidth
            size="sm"
            variant={why ? "default" : "filled"}
            data-disabled={why !== "" || undefined}
            aria-disabled={why !== "" || undefined}
            aria-description={why || undefined}
            aria-busy={saving || undefined}
            data-testid="dispose"
            onClick={save}
          >
            {saving ? t("desk.save_asked") : t("desk.save")}
          </Button>
        </Tooltip>
      </Group>
    </section>
  );
}
