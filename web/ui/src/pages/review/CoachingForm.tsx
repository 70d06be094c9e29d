import { Button, Group, NumberInput, Text, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { useMe } from "../../app/session";
import { problemText } from "../../components/problem";
import type { Finding, Sheet } from "../quality/parts";

const before = 3;
const after = 5;

/** Writes the agent a note about a stretch of the call: the one around the finding that is looked at. */
export function CoachingForm({ sheet, finding }: { sheet: Sheet; finding?: Finding }) {
  const { t } = useTranslation();
  const me = useMe();
  const [open, setOpen] = useState(false);
  if (sheet.agent_id === me.id) return null;
  if (!open)
    return (
      <Button size="compact-xs" variant="subtle" mt={6} onClick={() => setOpen(true)}>
        {t("review.coach.open")}
      </Button>
    );
  return <Form key={finding?.id ?? 0} sheet={sheet} finding={finding} close={() => setOpen(false)} />;
}

function Form({ sheet, finding, close }: { sheet: Sheet; finding?: Finding; close: () => void }) {
  const { t } = useTranslation();
  const start = finding?.start_ms ?? 0;
  const [from, setFrom] = useState(Math.max(0, Math.floor(start / 1000) - before));
  const [to, setTo] = useState(
    Math.min(Math.ceil(sheet.length_ms / 1000), Math.ceil((finding?.end_ms ?? start) / 1000) + after),
  );
  const [note, setNote] = useState("");
  const send = useMutation({
    mutationFn: () =>
      api.POST("/api/v1/quality/notes", { body: { leg: sheet.leg, from_ms: from * 1000, to_ms: to * 1000, note } }),
    onSuccess: close,
  });
  const problem = send.error ? problemText(send.error, t) : null;
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        send.mutate();
      }}
    >
      <Textarea
        size="xs"
        mt={6}
        autosize
        autoFocus
        minRows={2}
        label={t("review.coach.note", { agent: sheet.agent_name })}
        maxLength={2000}
        required
        value={note}
        onChange={(e) => setNote(e.currentTarget.value)}
        onKeyDown={(e) => e.key === "Escape" && close()}
      />
      <Group gap="xs" mt={4} align="flex-end">
        <NumberInput
          size="xs"
          w={90}
          min={0}
          label={t("review.coach.from")}
          value={from}
          onChange={(v) => setFrom(Number(v))}
        />
        <NumberInput
          size="xs"
          w={90}
          min={1}
          label={t("review.coach.to")}
          value={to}
          onChange={(v) => setTo(Number(v))}
        />
        <Button type="submit" size="xs" disabled={note.trim() === ""} loading={send.isPending}>
          {t("review.coach.send")}
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={close}>
          {t("quality.cancel")}
        </Button>
      </Group>
      {problem && (
        <Text size="xs" c="red" role="alert">
          {problem.title}：{problem.remedy}
        </Text>
      )}
    </form>
  );
}
