import { Paper, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { language } from "../../i18n";
import { count, percent } from "../../lib/format";
import { type By, overTime } from "./ReportTable";
import "./surveys.css";

type Result = Schemas["Result"];

/** Shapes that say more than a number: how the answers spread, and satisfaction from day to day. */
export function Charts(props: {
  groups: Schemas["Group"][];
  total: Result;
  questions: Schemas["SurveyQuestion"][];
  by: By;
}) {
  const { t } = useTranslation();
  const { groups, total, by } = props;
  return (
    <Stack gap="md">
      {overTime(by) && groups.length > 2 && <Course groups={groups} by={by} />}
      {props.questions.map((q) => {
        const counts = total.questions.find((r) => r.id === q.id)?.counts ?? [];
        const scale = scales[q.kind] ?? { first: 0, last: counts.findLastIndex((n) => n > 0), tone: () => "blue" };
        const name = (language() === "en" ? q.en : q.zh) || q.id;
        return (
          <Spread
            key={q.id}
            title={t("surveys.spread", { name: t(`surveys.${q.id}`, { defaultValue: name }) })}
            counts={counts.slice(scale.first, scale.last + 1)}
            first={scale.first}
            tone={scale.tone}
          />
        );
      })}
    </Stack>
  );
}

/** The scales of the kinds of questions; what is none of these is shown as it was keyed. */
const scales: Record<string, { first: number; last: number; tone: (value: number) => string }> = {
  csat5: { first: 1, last: 5, tone: (v) => (v >= 4 ? "green" : v === 3 ? "yellow" : "red") },
  nps11: { first: 0, last: 10, tone: (v) => (v >= 9 ? "green" : v >= 7 ? "yellow" : "red") },
};

/** How many gave each answer, as bars with their numbers. */
function Spread(props: { title: string; counts: number[]; first: number; tone: (value: number) => string }) {
  const { t } = useTranslation();
  const all = props.counts.reduce((a, b) => a + b, 0);
  const most = Math.max(1, ...props.counts);
  return (
    <Paper withBorder p="sm" component="section" aria-label={props.title}>
      <Title order={2} size="h6" mb={4}>
        {props.title}
      </Title>
      <ol className="spread">
        {props.counts.map((n, i) => {
          const value = props.first + i;
          return (
            <li key={value}>
              <span className="spread-value">{t("surveys.points", { value })}</span>
              <span className="spread-track">
                <span
                  className="spread-bar"
                  style={{
                    width: `${(100 * n) / most}%`,
                    background: `var(--mantine-color-${props.tone(value)}-filled)`,
                  }}
                />
              </span>
              <span className="spread-count">
                {t("surveys.share", { n: count(n), share: percent(all ? (100 * n) / all : 0) })}
              </span>
            </li>
          );
        })}
      </ol>
    </Paper>
  );
}

const width = 360;
const height = 110;

/** The average satisfaction of each day, week or month; those without answers leave a gap. */
function Course({ groups, by }: { groups: Schemas["Group"][]; by: By }) {
  const { t } = useTranslation();
  const x = (i: number) => 24 + (i * (width - 32)) / Math.max(1, groups.length - 1);
  const y = (average: number) => 8 + ((5 - average) * (height - 24)) / 4;
  const points = groups.map((g, i) => (g.csat.count ? { x: x(i), y: y(g.csat.average) } : null));
  let drawing = false;
  const path = points
    .map((p) => {
      const command = p ? `${drawing ? "L" : "M"}${p.x.toFixed(1)} ${p.y.toFixed(1)}` : "";
      drawing = p !== null;
      return command;
    })
    .join("");
  return (
    <Paper withBorder p="sm" component="section" aria-label={t("surveys.by_time")}>
      <Title order={2} size="h6" mb={4}>
        {t("surveys.by_time")}
      </Title>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={t("surveys.by_time_label", { by: t(`surveys.by.${by}`) })}
        className="days"
      >
        {[1, 2, 3, 4, 5].map((v) => (
          <g key={v}>
            <line x1={20} x2={width} y1={y(v)} y2={y(v)} className="days-grid" />
            <text x={12} y={y(v) + 3} textAnchor="middle">
              {v}
            </text>
          </g>
        ))}
        <path d={path} className="days-line" />
        {points.map((p, i) => p && <circle key={groups[i]?.key} cx={p.x} cy={p.y} r={2} className="days-point" />)}
      </svg>
      <Text size="xs" c="dimmed">
        {groups[0]?.key} – {groups.at(-1)?.key}
      </Text>
    </Paper>
  );
}
