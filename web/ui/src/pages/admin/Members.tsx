import { Checkbox, Group, Paper, ScrollArea, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNames } from "../shared/lists";
import { queries } from "./parts";

/** Who serves a queue, to be ticked. Chosen ones are on top when the form opens; the order then stays. */
export function Members({ value, set }: { value: string[]; set: (members: string[]) => void }) {
  const { t } = useTranslation();
  const names = useNames();
  const users = useQuery(queries.users).data?.items ?? [];
  const [first] = useState(() => new Set(value));
  const [text, setText] = useState("");
  const shown = users
    .filter((u) => u.active && u.name.includes(text.trim()))
    .sort((a, b) => Number(first.has(b.id)) - Number(first.has(a.id)) || a.name.localeCompare(b.name, "zh-Hant"));
  return (
    <Stack gap={4} role="group" aria-label={t("admin.queue.members")}>
      <Group justify="space-between" align="flex-end">
        <TextInput
          size="xs"
          type="search"
          label={t("admin.queue.members")}
          placeholder={t("admin.queue.members_find")}
          value={text}
          onChange={(e) => setText(e.currentTarget.value)}
        />
        <Text size="sm" c="dimmed" aria-live="polite">
          {t("admin.queue.members_n", { n: value.length })}
        </Text>
      </Group>
      <Paper withBorder p="xs">
        <ScrollArea.Autosize mah={220} viewportProps={{ tabIndex: 0, "aria-label": t("admin.queue.members") }}>
          <Checkbox.Group value={value} onChange={set}>
            <Stack gap={6}>
              {shown.map((u) => (
                <Checkbox
                  key={u.id}
                  size="xs"
                  value={u.id}
                  label={[u.name, names.team(u.team_id)].filter(Boolean).join("　")}
                />
              ))}
            </Stack>
          </Checkbox.Group>
          {shown.length === 0 && <Text size="sm">{t("admin.queue.members_none")}</Text>}
        </ScrollArea.Autosize>
      </Paper>
    </Stack>
  );
}
