import { ActionIcon, Alert, Group, Stack, Table, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Broken, Loading } from "../../components/States";
import { language } from "../../i18n";
import { date as dayText } from "../../lib/format";
import { useFilters } from "../shared/search";
import { DayForm } from "./DayForm";
import { type Calendar, hoursText, iso, move, type Special, specials, weekdayOf, yearsQuery } from "./hours";

/** A year with its holidays, make-up days and own days; a day that is chosen can be closed, or given other hours. */
export function YearPage({ calendar }: { calendar: Calendar }) {
  const { t } = useTranslation();
  const { data, isPending, error, refetch } = useQuery(yearsQuery);
  const [filters, set] = useFilters();
  const thisYear = Number(dayText(Date.now()).slice(0, 4));
  const year = Number(filters.year) || thisYear;
  const [edited, edit] = useState<string | null>(null);
  if (isPending) return <Loading />;
  if (error) return <Broken error={error} retry={() => void refetch()} />;
  const years = data?.items ?? [];
  const found = specials(calendar, years, year);
  const step = (by: number) => set({ year: year + by === thisYear ? undefined : String(year + by) });
  return (
    <Stack>
      <Group gap="xs">
        <ActionIcon variant="default" aria-label={t("hours.year.previous")} onClick={() => step(-1)}>
          <IconChevronLeft size={16} aria-hidden />
        </ActionIcon>
        <Title order={2} size="h4">
          {year}
        </Title>
        <ActionIcon variant="default" aria-label={t("hours.year.next")} onClick={() => step(1)}>
          <IconChevronRight size={16} aria-hidden />
        </ActionIcon>
        <Legend />
      </Group>
      {calendar.office && !years.some((y) => y.year === year) && (
        <Alert color="yellow" variant="light" icon={<IconAlertTriangle aria-hidden />}>
          {t("hours.year.missing", { year })}
        </Alert>
      )}
      <Text size="sm" c="dimmed">
        {t("hours.year.hint")}
      </Text>
      <Months calendar={calendar} year={year} found={found} open={edit} />
      <Specials found={found} open={edit} />
      {edited && <DayForm calendar={calendar} date={edited} special={found.get(edited)} close={() => edit(null)} />}
    </Stack>
  );
}

function Legend() {
  const { t } = useTranslation();
  return (
    <Group gap="md" ml="md">
      {(["holiday", "make_up", "own", "closed"] as const).map((kind) => (
        <Group key={kind} gap={4} wrap="nowrap">
          <span className={`year-day ${kind}`} aria-hidden>
            {kind === "closed" ? "1" : t(`hours.year.sign.${kind}`)}
          </span>
          <Text size="xs">{t(`hours.year.legend.${kind}`)}</Text>
        </Group>
      ))}
    </Group>
  );
}

/** Twelve months; one day is in the order of the Tab key, arrows move from it. */
function Months(props: {
  calendar: Calendar;
  year: number;
  found: Map<string, Special>;
  open: (date: string) => void;
}) {
  const { t } = useTranslation();
  const { year, open } = props;
  const [focus, setFocus] = useState(iso(year, 0, 1));
  const grid = useRef<HTMLDivElement>(null);
  useEffect(() => setFocus(iso(year, 0, 1)), [year]);
  const keys: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };
  const short = t("hours.short", { returnObjects: true }) as unknown as string[];
  return (
    <div
      className="year-grid"
      ref={grid}
      role="application"
      aria-label={t("hours.year.label", { year })}
      data-testid="year"
      onKeyDown={(e) => {
        const by = keys[e.key];
        if (by === undefined) return;
        const to = move(focus, by);
        if (!to.startsWith(`${year}-`)) return;
        e.preventDefault();
        setFocus(to);
        grid.current?.querySelector<HTMLButtonElement>(`[data-date="${to}"]`)?.focus();
      }}
    >
      {Array.from({ length: 12 }, (_, month) => (
        <div key={iso(year, month, 1)} className="year-month">
          <Text size="sm" fw={600}>
            {language() === "en" ? monthName(year, month) : t("hours.year.month", { month: month + 1 })}
          </Text>
          <div className="year-days">
            {short.map((s, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: weekdays stand where they stand, and some share a letter
              <span key={i} className="year-head" aria-hidden>
                {s}
              </span>
            ))}
            {days(year, month).map((date, i) => (
              <Day
                key={date}
                date={date}
                column={i === 0 ? weekdayOf(date) + 1 : undefined}
                special={props.found.get(date)}
                closed={(props.calendar.week[weekdayOf(date)] ?? []).length === 0}
                tabbed={date === focus}
                focus={() => setFocus(date)}
                open={() => open(date)}
              />
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}

const monthName = (year: number, month: number): string =>
  new Intl.DateTimeFormat("en", { month: "long", timeZone: "UTC" }).format(Date.UTC(year, month, 1));

function days(year: number, month: number): string[] {
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Array.from({ length: last }, (_, d) => iso(year, month, d + 1));
}

function Day(props: {
  date: string;
  column?: number;
  special?: Special;
  closed: boolean;
  tabbed: boolean;
  focus: () => void;
  open: () => void;
}) {
  const { t } = useTranslation();
  const { date, special } = props;
  const names = t("hours.days", { returnObjects: true }) as unknown as string[];
  // The label begins with what the button shows, so that whoever speaks to the browser can name it.
  const said = [
    Number(date.slice(8)),
    date.slice(0, 7),
    names[weekdayOf(date)],
    special && t(`hours.year.legend.${special.kind}`),
    special?.name,
    (special ? special.hours.length === 0 : props.closed) && t("hours.year.legend.closed"),
  ];
  return (
    <button
      type="button"
      className={`year-day ${special ? special.kind : props.closed ? "closed" : ""}`}
      style={{ gridColumnStart: props.column }}
      tabIndex={props.tabbed ? 0 : -1}
      data-date={date}
      data-sign={special && t(`hours.year.sign.${special.kind}`)}
      aria-label={said.filter(Boolean).join(" ")}
      title={special?.name}
      onFocus={props.focus}
      onClick={props.open}
    >
      {Number(date.slice(8))}
    </button>
  );
}

function Specials({ found, open }: { found: Map<string, Special>; open: (date: string) => void }) {
  const { t, i18n } = useTranslation();
  const rows = [...found.values()].sort((a, b) => a.date.localeCompare(b.date));
  return (
    <>
      <Title order={3} size="h5">
        {t("hours.year.list")}
      </Title>
      {rows.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("hours.year.none")}
        </Text>
      )}
      {rows.length > 0 && (
        <Table verticalSpacing={4} maw={760}>
          <Table.Thead>
            <Table.Tr>
              {(["date", "kind", "what", "hours"] as const).map((c) => (
                <Table.Th key={c}>{t(`hours.year.${c}`)}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((s) => (
              <Table.Tr key={s.date}>
                <Table.Td>
                  <button type="button" className="link-button" onClick={() => open(s.date)}>
                    {dayText(`${s.date}T12:00:00+08:00`, i18n.language)}
                  </button>
                </Table.Td>
                <Table.Td>{t(`hours.year.legend.${s.kind}`)}</Table.Td>
                <Table.Td>{s.name}</Table.Td>
                <Table.Td>{hoursText(s.hours) || t("hours.closed_all_day")}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </>
  );
}
