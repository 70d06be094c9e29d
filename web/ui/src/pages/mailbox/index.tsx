import { Badge, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { PageTitle } from "../../components/PageTitle";
import { Broken, Empty, Loading, TooMuch } from "../../components/States";
import { dateTime, phone } from "../../lib/format";
import { useList } from "../shared/lists";
import { split } from "./links";
import "./mailbox.css";

type Message = Schemas["MailboxMessage"];

/** Every how many ms the mailbox is looked into. */
const refresh = 5_000;

/** What a development site would have sent, as its readers would see it. */
export default function MailboxPage() {
  const { t } = useTranslation();
  const list = useList<Message>(
    ["mailbox"],
    (after) => got(api.GET("/api/v1/mailbox", { params: { query: { after } } })),
    refresh,
  );
  return (
    <>
      <PageTitle titleKey="nav.mailbox" />
      <Text size="sm" c="dimmed" mb="md">
        {t("mailbox.hint")}
      </Text>
      {list.loading && <Loading />}
      {list.error && <Broken error={list.error} retry={list.retry} />}
      {!list.loading && !list.error && list.rows.length === 0 && (
        <Empty title={t("mailbox.empty")} hint={t("mailbox.empty_hint")} />
      )}
      {list.rows.length > 0 && (
        <ul className="mailbox" aria-label={t("mailbox.list")}>
          {list.rows.map((m) => (
            <li key={m.id} className={`mailbox-message mailbox-${m.channel}`}>
              <Group justify="space-between" gap="xs">
                <Group gap="xs">
                  <Badge variant="default">{t(`mailbox.channel.${m.channel}`)}</Badge>
                  <Text size="sm">
                    {t("mailbox.to")} {m.channel === "sms" ? phone(m.to) : m.to}
                  </Text>
                </Group>
                <Text size="xs" c="dimmed">
                  {dateTime(m.at)}
                </Text>
              </Group>
              {m.channel === "mail" && (
                <Text fw={600} mt={6}>
                  {m.subject || t("mailbox.no_subject")}
                </Text>
              )}
              <Words body={m.body} />
            </li>
          ))}
        </ul>
      )}
      {list.more && <TooMuch shown={list.rows.length} more={list.readMore} busy={list.loadingMore} />}
    </>
  );
}

function Words({ body }: { body: string }) {
  return (
    <p className="mailbox-words">
      {split(body).map((part) =>
        part.link ? (
          <a key={part.at} href={part.text} target="_blank" rel="noreferrer">
            {part.text}
          </a>
        ) : (
          <span key={part.at}>{part.text}</span>
        ),
      )}
    </p>
  );
}
