import { Alert, Anchor, Button, Drawer, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconSend } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { can, useMe } from "../../app/session";
import { problemText } from "../../components/problem";
import { Broken, Loading } from "../../components/States";
import { dateTime } from "../../lib/format";
import { recipient, State, Way } from "./parts";
import "./messages.css";

type Message = Schemas["Message"];

/** One message: whom it is for, what became of it, what helps, and another try. */
export function MessageDrawer({ id, close }: { id: number; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [whole, setWhole] = useState("");
  const message = useQuery({
    queryKey: ["messages", "one", id],
    queryFn: () => got(api.GET("/api/v1/messages/{message}", { params: { path: { message: id } } })),
    refetchInterval: 5_000,
  });
  const refused = (error: unknown) => {
    const { title, remedy } = problemText(error, t);
    notifications.show({ color: "red", title, message: remedy, autoClose: 10_000 });
  };
  const again = useMutation({
    mutationFn: () => api.POST("/api/v1/messages/{message}/again", { params: { path: { message: id } } }),
    onSuccess: () => notifications.show({ color: "green", message: t("messages.said_again") }),
    onError: refused,
    onSettled: () => client.invalidateQueries({ queryKey: ["messages"] }),
  });
  // Each look is recorded: it is asked for once, and not with every refresh.
  const reveal = useMutation({
    mutationFn: () =>
      got(api.GET("/api/v1/messages/{message}", { params: { path: { message: id }, query: { reveal: true } } })),
    onSuccess: (m) => setWhole(recipient(m)),
    onError: refused,
  });
  return (
    <Drawer
      opened
      onClose={close}
      position="right"
      size="md"
      title={t("messages.one")}
      closeButtonProps={{ "aria-label": t("messages.close") }}
    >
      {message.isPending && <Loading />}
      {message.error && !message.data && <Broken error={message.error} retry={() => void message.refetch()} />}
      {message.data && (
        <Stack>
          <Facts message={message.data} whole={whole} />
          <Trouble message={message.data} />
          {message.data.to && !whole && <Reveal busy={reveal.isPending} reveal={() => reveal.mutate()} />}
          <Again message={message.data} busy={again.isPending} again={() => again.mutate()} />
        </Stack>
      )}
    </Drawer>
  );
}

function Facts({ message: m, whole }: { message: Message; whole: string }) {
  const { t, i18n } = useTranslation();
  const fact = (key: string, value: ReactNode) =>
    value !== "" &&
    value !== false && (
      <div>
        <dt>{t(`messages.${key}`)}</dt>
        <dd>{value}</dd>
      </div>
    );
  const at = (when: string | undefined) => dateTime(when, i18n.language);
  const later = m.state === "waiting" && Date.parse(m.not_before) > Date.now();
  return (
    <dl className="message-facts">
      {fact("state", <State state={m.state} />)}
      {fact("to", whole || recipient(m) || t("messages.erased"))}
      {fact("way", <Way channel={m.channel} />)}
      {fact("about", t(`messages.abouts.${m.about}`))}
      {fact("attempts", String(m.attempts))}
      {fact("at", at(m.created_at))}
      {fact("changed", at(m.changed_at))}
      {fact("waits", later && at(m.not_before))}
      {fact("next", m.state === "waiting" && !later && (at(m.next_at) || t("messages.soon")))}
      {fact("expires", m.state !== "sent" && at(m.expires_at))}
      {fact("receipt", m.receipt)}
      {m.call_id && (
        <Anchor size="sm" renderRoot={(p) => <Link to="/calls/$id" params={{ id: m.call_id }} {...p} />}>
          {t("messages.call")}
        </Anchor>
      )}
    </dl>
  );
}

/** What kept it from going, what helps, and the provider's own words. */
function Trouble({ message: m }: { message: Message }) {
  const { t } = useTranslation();
  if (!m.error) return null;
  const fault = m.fault || "none";
  return (
    <Alert
      color={m.state === "waiting" ? "yellow" : "red"}
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={t(`messages.faults.${fault}.title`)}
    >
      <Text size="sm">{t(`messages.faults.${fault}.remedy`)}</Text>
      <Text size="xs" mt="xs" className="message-words">
        {t("messages.said")}：{m.error}
      </Text>
    </Alert>
  );
}

function Reveal({ busy, reveal }: { busy: boolean; reveal: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  if (!can(me, "reveal")) return null;
  return (
    <Group gap="xs">
      <Button size="compact-sm" variant="default" loading={busy} onClick={reveal}>
        {t("messages.reveal")}
      </Button>
      <Text size="xs" c="dimmed">
        {t("messages.reveal_hint")}
      </Text>
    </Group>
  );
}

/** For what failed, or of which nobody knows, as long as its text is there and its time is not over. */
function Again({ message: m, busy, again }: { message: Message; busy: boolean; again: () => void }) {
  const { t } = useTranslation();
  const may = (m.state === "failed" || m.state === "unsure") && m.to !== "" && Date.parse(m.expires_at) > Date.now();
  if (!may) return null;
  return (
    <Stack gap={4} align="flex-start">
      {m.state === "unsure" && <Text size="sm">{t("messages.again_unsure")}</Text>}
      <Group gap="xs">
        <Button size="xs" leftSection={<IconSend size={14} aria-hidden />} loading={busy} onClick={again}>
          {t("messages.again")}
        </Button>
        <Text size="xs" c="dimmed">
          {t("messages.again_hint")}
        </Text>
      </Group>
    </Stack>
  );
}
