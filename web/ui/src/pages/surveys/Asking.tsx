import { Alert, Button, Checkbox, Fieldset, Group, NumberInput, SimpleGrid, Stack, Text } from "@mantine/core";
import { TimeInput } from "@mantine/dates";
import { notifications } from "@mantine/notifications";
import { IconMessageQuestion } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { can, useMe } from "../../app/session";
import { problemText } from "../../components/problem";
import { Broken, Empty, Loading } from "../../components/States";
import { useNames } from "../shared/lists";
import { DialogButton } from "./DialogButton";
import { clockOf, minuteOf } from "./minutes";

type Rule = Schemas["SurveyRule"];

const occasions = ["agreed", "key", "after", "link"] as const;

/** The limits of a rule, and the highest figure of each; 0 is no limit, but for the last. */
const figures = [
  { name: "share", least: 0, most: 100 },
  { name: "agent_a_day", least: 0, most: 10_000 },
  { name: "queue_a_day", least: 0, most: 1_000_000 },
  { name: "rest_days", least: 0, most: 3650 },
  { name: "link_days", least: 1, most: 90 },
] as const;

/** When the callers of each queue are asked; who keeps the site in order may change it. */
export function AskingRules() {
  const { t } = useTranslation();
  return (
    <DialogButton title={t("asking.title")} icon={<IconMessageQuestion size={14} aria-hidden />} size="xl">
      <Rules />
    </DialogButton>
  );
}

function Rules() {
  const { t } = useTranslation();
  const rules = useQuery({
    queryKey: ["surveys", "asking"],
    queryFn: () => got(api.GET("/api/v1/survey-rules")),
  });
  if (rules.isPending) return <Loading />;
  if (rules.isError) return <Broken error={rules.error} retry={() => void rules.refetch()} />;
  const queues = rules.data.queues ?? [];
  if (queues.length === 0) return <Empty title={t("asking.empty")} hint={t("asking.empty_hint")} />;
  return (
    <Stack gap="md">
      <Text size="sm">{t("asking.hint")}</Text>
      {(rules.data.channels ?? []).length === 0 && <Alert color="yellow">{t("asking.no_channel")}</Alert>}
      {queues.map((r) => (
        <QueueRule key={r.queue_id} rule={r} />
      ))}
      <Hours from={rules.data.from} to={rules.data.to} />
    </Stack>
  );
}

function useSave<B>(put: (body: B) => Promise<unknown>) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: put,
    onSuccess: () => notifications.show({ color: "green", message: t("admin.saved") }),
    onError: (error) => {
      const { title, remedy } = problemText(error, t);
      notifications.show({ color: "red", title, message: remedy });
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["surveys", "asking"] }),
  });
}

function QueueRule({ rule }: { rule: Rule }) {
  const { t } = useTranslation();
  const me = useMe();
  const names = useNames();
  const [draft, setDraft] = useState(rule);
  const { queue_id, ...body } = draft;
  const save = useSave(() => api.PUT("/api/v1/survey-rules/{queue}", { params: { path: { queue: queue_id } }, body }));
  const fixed = !can(me, "site") || save.isPending;
  const changed = JSON.stringify(draft) !== JSON.stringify(rule);
  return (
    <Fieldset legend={names.queue(rule.queue_id)} disabled={fixed}>
      <Group gap="lg" mb="sm">
        {occasions.map((o) => (
          <Checkbox
            key={o}
            label={t(`asking.${o}`)}
            checked={draft[o]}
            onChange={(e) => setDraft({ ...draft, [o]: e.currentTarget.checked })}
          />
        ))}
      </Group>
      <SimpleGrid cols={{ base: 2, sm: 3, md: 5 }} spacing="sm">
        {figures.map((f) => (
          <NumberInput
            key={f.name}
            size="xs"
            label={t(`asking.${f.name}`)}
            min={f.least}
            max={f.most}
            allowDecimal={false}
            value={draft[f.name]}
            onChange={(v) => setDraft({ ...draft, [f.name]: Number(v) || f.least })}
          />
        ))}
      </SimpleGrid>
      {can(me, "site") && (
        <Group justify="flex-end" mt="sm">
          <Button size="xs" disabled={!changed} loading={save.isPending} onClick={() => save.mutate(undefined)}>
            {t("asking.save")}
          </Button>
        </Group>
      )}
    </Fieldset>
  );
}

/** When messages may be sent. */
function Hours(props: { from: number; to: number }) {
  const { t } = useTranslation();
  const me = useMe();
  const [from, setFrom] = useState(clockOf(props.from));
  const [to, setTo] = useState(clockOf(props.to));
  const body = { from: minuteOf(from), to: minuteOf(to) };
  const save = useSave(() => api.PUT("/api/v1/message-hours", { body }));
  const fixed = !can(me, "site") || save.isPending;
  const changed = body.from !== props.from || body.to !== props.to;
  return (
    <Fieldset legend={t("asking.hours")} disabled={fixed}>
      <Group align="flex-end">
        <TimeInput size="xs" label={t("asking.from")} value={from} onChange={(e) => setFrom(e.currentTarget.value)} />
        <TimeInput size="xs" label={t("asking.to")} value={to} onChange={(e) => setTo(e.currentTarget.value)} />
        {can(me, "site") && (
          <Button size="xs" disabled={!changed} loading={save.isPending} onClick={() => save.mutate(undefined)}>
            {t("asking.save")}
          </Button>
        )}
      </Group>
      <Text size="xs" c="dimmed" mt={6}>
        {t("asking.hours_hint")}
      </Text>
    </Fieldset>
  );
}
