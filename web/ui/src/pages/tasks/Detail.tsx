import { Anchor, Button, Group, Paper, Stack, Text, Textarea, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { can, useMe } from "../../app/session";
import { problemText } from "../../components/problem";
import { Broken, Loading } from "../../components/States";
import { dateTime, phone } from "../../lib/format";
import { type Names, useNames } from "../shared/lists";
import { noteOf, TaskState } from "./TaskItem";

type Detail = Schemas["TaskDetail"];
type Act = "take" | "return" | "done" | "drop";

/** What made a task, in words. */
function source(by: string, t: (k: string) => string, names: Names): string {
  return by === "flow" || by === "survey" ? t(`tasks.by.${by}`) : names.agent(by);
}

function send(id: number, act: Act, text: string) {
  const params = { path: { task: id } };
  switch (act) {
    case "take":
      return got(api.POST("/api/v1/tasks/{task}/take", { params }));
    case "return":
      return got(api.POST("/api/v1/tasks/{task}/return", { params, body: { note: text } }));
    case "done":
      return got(api.POST("/api/v1/tasks/{task}/done", { params, body: { note: text } }));
    case "drop":
      return got(api.POST("/api/v1/tasks/{task}/drop", { params, body: { reason: text } }));
  }
}

/** One task: whom it is about, what happened to it, and what can be done with it now. */
export function TaskDetail({ id }: { id: number }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  // A number that was asked for is shown for as long as the task is open here.
  const [reveal, setReveal] = useState(false);
  const task = useQuery({
    queryKey: ["tasks", "one", id, reveal],
    queryFn: () => got(api.GET("/api/v1/tasks/{task}", { params: { path: { task: id }, query: { reveal } } })),
    staleTime: reveal ? Number.POSITIVE_INFINITY : 0,
  });
  const act = useMutation({
    mutationFn: (p: { act: Act; text: string }) => send(id, p.act, p.text),
    onSuccess: (_, p) => notifications.show({ color: "green", message: t(`tasks.said.${p.act}`) }),
    onError: (error) => {
      const { title, remedy } = problemText(error, t);
      notifications.show({ color: "red", title, message: remedy, autoClose: 10_000 });
    },
    onSettled: () => {
      setReveal(false);
      return client.invalidateQueries({ queryKey: ["tasks"] });
    },
  });
  if (task.isPending) return <Loading />;
  if (task.isError) return <Broken error={task.error} retry={() => void task.refetch()} />;
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          {t(`tasks.kind.${task.data.kind}`)}
        </Title>
        <TaskState task={task.data} />
      </Group>
      <Facts task={task.data} revealed={reveal} reveal={() => setReveal(true)} />
      <Actions task={task.data} busy={act.isPending} act={(a, text) => act.mutate({ act: a, text })} />
      <History events={task.data.history} />
    </Paper>
  );
}

function Facts({ task, revealed, reveal }: { task: Detail; revealed: boolean; reveal: () => void }) {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const names = useNames();
  const mine = task.state === "taken" && task.owner_id === me.id;
  const fact = (name: string, value: ReactNode) =>
    value && (
      <>
        <dt>{t(`tasks.${name}`)}</dt>
        <dd>{value}</dd>
      </>
    );
  const mayReveal = can(me, "reveal") && task.caller !== "" && !revealed;
  return (
    <dl className="task-facts">
      {fact("note", noteOf(task, t))}
      {fact("due", dateTime(task.due, i18n.language))}
      {fact(
        "caller",
        <Group gap="xs" component="span">
          <span className="figure">{phone(task.caller) || t("tasks.no_caller")}</span>
          {mayReveal && (mine || me.scope !== "own") && (
            <Button size="compact-xs" variant="default" onClick={reveal}>
              {t("tasks.reveal")}
            </Button>
          )}
          {mayReveal && !mine && me.scope === "own" && task.state === "open" && (
            <Text span size="xs" c="dimmed">
              {t("tasks.reveal_hint")}
            </Text>
          )}
        </Group>,
      )}
      {fact("customer", task.customer_name)}
      {fact("queue", task.queue_id && names.queue(task.queue_id))}
      {fact("agent", task.agent_id && names.agent(task.agent_id))}
      {fact(
        "call",
        task.call_id && (
          <Anchor size="sm" renderRoot={(p) => <Link to="/calls/$id" params={{ id: task.call_id }} {...p} />}>
            {t("tasks.open_call")}
          </Anchor>
        ),
      )}
      {fact(
        "message",
        task.leg && can(me, "recordings") && (
          <Anchor size="sm" renderRoot={(p) => <Link to="/recordings/$leg" params={{ leg: task.leg }} {...p} />}>
            {t("tasks.listen")}
          </Anchor>
        ),
      )}
      {fact("owner", task.owner_name || t("tasks.nobody"))}
      {fact("made_by", source(task.made_by, t, names))}
      {fact("result", task.reason)}
    </dl>
  );
}

function Actions({ task, busy, act }: { task: Detail; busy: boolean; act: (act: Act, text: string) => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const [text, setText] = useState("");
  if (task.state === "done" || task.state === "dropped") return null;
  const mine = task.state === "taken" && task.owner_id === me.id;
  const leads = me.role !== "agent" && me.scope !== "own";
  return (
    <Stack gap="xs" my="md">
      {task.state === "open" && (
        <Group>
          <Button size="sm" data-key="take" loading={busy} onClick={() => act("take", "")}>
            {t("tasks.take")}
          </Button>
        </Group>
      )}
      {(mine || leads) && (
        <>
          <Textarea
            data-key="outcome"
            label={t("tasks.outcome")}
            description={t("tasks.outcome_hint")}
            autosize
            minRows={2}
            maxLength={500}
            value={text}
            onChange={(e) => setText(e.currentTarget.value)}
          />
          <Group gap="xs">
            {mine && (
              <Button size="xs" loading={busy} onClick={() => act("done", text)}>
                {t("tasks.done")}
              </Button>
            )}
            {task.state === "taken" && (
              <Button size="xs" variant="default" loading={busy} onClick={() => act("return", text)}>
                {t("tasks.return")}
              </Button>
            )}
            <Button
              size="xs"
              variant="default"
              loading={busy}
              disabled={!text.trim()}
              onClick={() => act("drop", text)}
            >
              {t("tasks.drop")}
            </Button>
          </Group>
        </>
      )}
    </Stack>
  );
}

function History({ events }: { events: Detail["history"] }) {
  const { t, i18n } = useTranslation();
  return (
    <section aria-label={t("tasks.history")}>
      <Title order={3} size="h6" mb={4}>
        {t("tasks.history")}
      </Title>
      <ol className="task-history">
        {events.map((e) => (
          <li key={`${e.at} ${e.what}`}>
            <span className="figure">{dateTime(e.at, i18n.language)}</span>　{e.name || t("tasks.program")}　
            {t(`tasks.what.${e.what}`)}
            {e.note && `：${e.note}`}
          </li>
        ))}
      </ol>
    </section>
  );
}
