import { Anchor, Group, Paper, Stack, Switch, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { Broken, TooMuch } from "../../components/States";
import { dateTime } from "../../lib/format";
import { useList, useNames } from "../shared/lists";

type Comment = Schemas["SurveyComment"];
type Query = {
  from?: string;
  to?: string;
  survey?: string;
  queue?: string;
  agent?: string;
  way?: "phone" | "link" | "outbound";
};

const bad = 2;

/** What customers said after their calls, the newest first, to be listened to. A survey without spoken comments shows nothing. */
export function Comments({ query }: { query: Query }) {
  const { t } = useTranslation();
  const [onlyBad, setOnlyBad] = useState(false);
  const asked = { ...query, max_satisfaction: onlyBad ? bad : undefined, limit: 10 };
  const list = useList<Comment>(["surveys", "comments", asked], (after) =>
    got(api.GET("/api/v1/surveys/comments", { params: { query: { ...asked, after } } })),
  );
  if (list.loading || (list.rows.length === 0 && !list.error && !onlyBad)) return null;
  return (
    <section aria-label={t("surveys.comments")} data-testid="survey-comments">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          {t("surveys.comments")}
        </Title>
        <Switch
          size="sm"
          label={t("surveys.only_bad", { bad })}
          checked={onlyBad}
          onChange={(e) => setOnlyBad(e.currentTarget.checked)}
        />
      </Group>
      {list.error && <Broken error={list.error} retry={list.retry} />}
      {list.rows.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("surveys.no_comments")}
        </Text>
      )}
      <Stack gap="xs" mb="lg">
        {list.rows.map((c) => (
          <One key={c.leg} comment={c} />
        ))}
        {list.more && <TooMuch shown={list.rows.length} more={list.readMore} busy={list.loadingMore} />}
      </Stack>
    </section>
  );
}

function One({ comment: c }: { comment: Comment }) {
  const { t, i18n } = useTranslation();
  const names = useNames();
  const about = [
    names.queue(c.queue_id),
    c.agent_name,
    c.satisfaction !== undefined && `${t("surveys.satisfaction")} ${c.satisfaction}`,
  ].filter(Boolean);
  return (
    <Paper withBorder p="xs">
      <Group justify="space-between" gap="xs">
        <Anchor size="sm" renderRoot={(p) => <Link to="/recordings/$leg" params={{ leg: c.leg }} {...p} />}>
          {dateTime(c.at, i18n.language)}
        </Anchor>
        <Text size="sm" c="dimmed">
          {about.join("　·　")}
        </Text>
      </Group>
      {c.ready ? (
        // biome-ignore lint/a11y/useMediaCaption: what was said stands below it
        <audio
          controls
          preload="none"
          src={`/api/v1/recordings/${encodeURIComponent(c.leg)}/audio`}
          aria-label={t("surveys.listen", { at: dateTime(c.at, i18n.language) })}
          style={{ width: "100%", height: 36 }}
        />
      ) : (
        <Text size="xs" c="dimmed">
          {t("surveys.not_ready")}
        </Text>
      )}
      {c.text && <Text size="sm">{c.text}</Text>}
    </Paper>
  );
}
