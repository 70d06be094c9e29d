import { Anchor, Badge, Button, Group, Mark, Paper, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { Broken, Empty, Loading, TooMuch } from "../../components/States";
import { count, dateTime, duration, percent } from "../../lib/format";
import { parts } from "../search/words";
import { csv, download } from "../shared/csv";
import { useList } from "../shared/lists";
import { type Kind, nameOf, type Report, series, type Trend } from "./trend";

type Example = Schemas["TrendExample"];
type Query = { from?: string; to?: string; queue?: string; agent?: string; role?: "agent" | "caller" };

const moods = ["all", "negative", "positive", "none"] as const;
type Mood = (typeof moods)[number];

/** One topic or product: its course, and the words themselves. */
export function Chosen({ report, trend, kind, query }: { report: Report; trend: Trend; kind: Kind; query: Query }) {
  const [mood, setMood] = useState<Mood>("all");
  return (
    <Stack gap="md">
      <Course report={report} trend={trend} />
      <Examples trend={trend} kind={kind} query={query} mood={mood} choose={setMood} />
    </Stack>
  );
}

const width = 360;
const height = 110;

/** The share of calls by day or week. */
function Course({ report, trend }: { report: Report; trend: Trend }) {
  const { t } = useTranslation();
  const points = series(report, trend);
  const most = Math.max(1, ...points.map((p) => p.share));
  const x = (i: number) => 34 + (i * (width - 42)) / Math.max(1, points.length - 1);
  const y = (share: number) => height - 16 - ((height - 26) * share) / most;
  return (
    <Paper withBorder p="sm" component="section" aria-label={nameOf(trend)}>
      <Title order={2} size="h6" mb={4}>
        {t("trends.course", { name: nameOf(trend) })}
      </Title>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={t("trends.course_label", { name: nameOf(trend), n: trend.calls, share: percent(trend.share, 1) })}
        className="trend-course"
      >
        {[0, most / 2, most].map((v) => (
          <g key={v}>
            <line x1={30} x2={width} y1={y(v)} y2={y(v)} className="trend-grid" />
            <text x={28} y={y(v) + 3} textAnchor="end">
              {percent(v, most < 10 ? 1 : 0)}
            </text>
          </g>
        ))}
        <path
          d={points.map((p, i) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(p.share).toFixed(1)}`).join("")}
          className="trend-line"
        />
        {points.map((p, i) => (
          <circle key={p.day} cx={x(i)} cy={y(p.share)} r={2} className="trend-point">
            <title>{`${p.day} ${percent(p.share, 1)} (${count(p.calls)})`}</title>
          </circle>
        ))}
      </svg>
      <Text size="xs" c="dimmed">
        {points[0]?.day} – {points.at(-1)?.day}
      </Text>
    </Paper>
  );
}

function Examples(props: { trend: Trend; kind: Kind; query: Query; mood: Mood; choose: (m: Mood) => void }) {
  const { trend, kind, query, mood } = props;
  const { t, i18n } = useTranslation();
  const opinion = mood === "all" ? undefined : mood;
  const read = (after: string | undefined, more: { export?: boolean; limit: number }) =>
    got(
      api.GET("/api/v1/quality/trends/{kind}/{entry}/examples", {
        params: { path: { kind, entry: trend.entry }, query: { ...query, opinion, after, ...more } },
      }),
    );
  const list = useList<Example>(["trends", "examples", kind, trend.entry, query, mood], (after) =>
    read(after, { limit: 10 }),
  );
  const save = async () => {
    const page = await read(undefined, { export: true, limit: 200 });
    const rows = page.items.map((e) => [
      dateTime(e.at, i18n.language),
      t(`transcript.role.${e.role}`),
      e.text,
      e.heard,
      e.opinion,
      e.word,
      e.agent_name,
      e.leg,
      (e.start_ms / 1000).toFixed(1),
    ]);
    const head = [
      "search.at",
      "search.role",
      "search.text",
      "trends.heard",
      "trends.opinion",
      "trends.word",
      "filter.agent",
    ];
    download(`${t("trends.file")}-${trend.entry}.csv`, csv([[...head.map((k) => t(k)), "leg", "s"], ...rows]));
  };
  return (
    <section aria-label={t("trends.examples")}>
      <Group justify="space-between" mb="xs">
        <SegmentedControl
          size="xs"
          aria-label={t("trends.mood_label")}
          data={moods.map((m) => ({ value: m, label: t(`trends.mood.${m}`) }))}
          value={mood}
          onChange={(m) => props.choose(m as Mood)}
        />
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} aria-hidden />}
          disabled={list.rows.length === 0}
          onClick={() => void save()}
        >
          {t("trends.export_examples")}
        </Button>
      </Group>
      {list.loading && <Loading />}
      {list.error && <Broken error={list.error} retry={list.retry} />}
      {!list.loading && !list.error && list.rows.length === 0 && (
        <Empty title={t("trends.no_examples.title")} hint={t("trends.no_examples.hint")} />
      )}
      <Stack gap="xs" component="ul" className="trend-examples">
        {list.rows.map((e) => (
          <li key={`${e.leg} ${e.n}`}>
            <OneExample example={e} />
          </li>
        ))}
      </Stack>
      {list.more && <TooMuch shown={list.rows.length} more={list.readMore} busy={list.loadingMore} />}
    </section>
  );
}

function OneExample({ example: e }: { example: Example }) {
  const { t, i18n } = useTranslation();
  return (
    <>
      <Group gap="xs">
        <Anchor
          size="xs"
          renderRoot={(p) => (
            <Link to="/recordings/$leg" params={{ leg: e.leg }} search={{ t: e.start_ms / 1000 } as never} {...p} />
          )}
        >
          {`${dateTime(e.at, i18n.language)}　${duration(e.start_ms / 1000)}`}
        </Anchor>
        <Text size="xs" c="dimmed">
          {t(`transcript.role.${e.role}`)}　{e.agent_name}
        </Text>
        {e.opinion !== 0 && (
          <Badge size="xs" variant="light" color={e.opinion > 0 ? "teal" : "red"}>
            {t(e.opinion > 0 ? "trends.well" : "trends.ill", { word: e.word })}
          </Badge>
        )}
        {e.match === "sound" && (
          <Badge size="xs" variant="outline" color="gray">
            {t("quality.by_sound")}
          </Badge>
        )}
      </Group>
      <Text size="sm" className="prose">
        {parts(e.text, e.heard).map((p) => (p.found ? <Mark key={p.at}>{p.text}</Mark> : p.text))}
      </Text>
    </>
  );
}
