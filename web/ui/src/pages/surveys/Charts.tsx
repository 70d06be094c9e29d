import { Paper, Stack, Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { count, percent } from "../../lib/format";
import type { By } from "./ReportTable";
import "./surveys.css";

type Result = Schemas["Result"];

/** Shapes that say more than a number: how the answers spread, and satisfaction from day to day. */
export function Charts({ groups, total, by }: { groups: Schemas["Group"][]; total: Result; by: By }) {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      {by === "day" && groups.length > 2 && <Days groups={groups} />}
      <Spread
        title={t("surveys.spread.satisfaction")}
        counts={total.csat.counts ?? []}
        first={1}
        tone={(v) => (v >= 4 ? "green" : v === 3 ? "yellow" : "red")}
      />
      <Spread
        title={t("surveys.spread.recommendation")}
        counts={total.nps.counts ?? []}
        first={0}
        tone={(v) => (v >= 9 ? "green" : v >= 7 ? "yellow" : "red")}
      />
    </Stack>
  );
}

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

/** The average satisfaction of each day; days without answers leave a gap. */
function Days({ groups }: { groups: Schemas["Group"][] }) {
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
    <Paper withBorder p="sm" component="section" aria-label={t("surveys.by_day")}>
      <Title order={2} size="h6" mb={4}>
        {t("surveys.by_day")}
      </Title>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t("surveys.by_day_label")} className="days">
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
