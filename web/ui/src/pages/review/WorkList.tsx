import { Group, NativeSelect, NumberInput, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconCircle, IconCircleCheck, IconGavel, IconHandStop } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, got } from "../../api/client";
import { Broken, Empty, Loading } from "../../components/States";
import { dateTime, duration } from "../../lib/format";
import { type Call, NothingScored, Total } from "../quality/parts";
import { ruleName, useRuleNames } from "../rules/names";
import { rangeOf } from "../shared/period";
import type { Filters } from "../shared/search";

export const lists = ["all", "share", "rule", "survey", "silence", "new", "random", "appeals"] as const;
export type WorkListName = (typeof lists)[number];
const states = ["open", "mine", "done"] as const;

export function listOf(filters: Filters): WorkListName {
  return lists.find((l) => l === filters.list) ?? "all";
}

const number = (text: string | undefined, usual: number) => Number(text) || usual;

/** Calls chosen by a work list, as the address says. */
export function useWork(filters: Filters) {
  const list = listOf(filters);
  const query = {
    ...rangeOf(filters, "month", Date.now()),
    list,
    queue: filters.queue,
    agent: filters.agent,
    rule: filters.rule ?? "wait",
    percent: number(filters.percent, 5),
    // The same all week, so that a list that was begun can be finished.
    seed: filters.seed ?? String(Math.floor(Date.now() / (7 * 24 * 3600 * 1000))),
    silence_ms: number(filters.silence, 15) * 1000,
    state: states.find((s) => s === filters.state) ?? (list === "appeals" ? undefined : "open"),
  };
  return useQuery({
    queryKey: ["review", "work", query],
    queryFn: () => got(api.GET("/api/v1/review/work", { params: { query } })),
    placeholderData: keepPreviousData,
  });
}

export function WorkList(props: {
  work: ReturnType<typeof useWork>;
  leg: string;
  filters: Filters;
  set: (patch: Filters) => void;
}) {
  const { t } = useTranslation();
  const { work, filters, set } = props;
  const list = listOf(filters);
  const items = work.data?.items ?? [];
  return (
    <aside aria-label={t("review.work")}>
      <NativeSelect
        size="xs"
        label={t("review.list_label")}
        value={list}
        data={lists.map((l) => ({ value: l, label: t(`review.list.${l}`) }))}
        onChange={(e) => set({ list: e.currentTarget.value, leg: undefined })}
      />
      <Parameters list={list} filters={filters} set={set} />
      {list !== "appeals" && (
        <NativeSelect
          size="xs"
          mt={4}
          aria-label={t("review.state_label")}
          value={filters.state ?? "open"}
          data={states.map((s) => ({ value: s, label: t(`review.state.${s}`) }))}
          onChange={(e) =>
            set({ state: e.currentTarget.value === "open" ? undefined : e.currentTarget.value, leg: undefined })
          }
        />
      )}
      <Text size="xs" c="dimmed" my={6} role="status">
        {t("review.found", { n: items.length })}
      </Text>
      {work.isPending && <Loading />}
      {work.isError && <Broken error={work.error} retry={() => void work.refetch()} />}
      {work.data &&
        items.length === 0 &&
        (list === "all" && !filters.state ? (
          <NothingScored />
        ) : (
          <Empty title={t("review.none")} hint={t(`review.none_hint.${list}`)} />
        ))}
      <div className="review-column">
        {items.map((c) => (
          <WorkItem key={c.leg} call={c} current={c.leg === props.leg} open={() => set({ leg: c.leg })} />
        ))}
      </div>
    </aside>
  );
}

function Parameters({ list, filters, set }: { list: WorkListName; filters: Filters; set: (patch: Filters) => void }) {
  const { t } = useTranslation();
  const { rules } = useRuleNames();
  const field = (name: string, usual: number, max: number) => (
    <NumberInput
      size="xs"
      mt={4}
      label={t(`review.parameter.${name}`)}
      min={1}
      max={max}
      value={number(filters[name], usual)}
      onChange={(v) => set({ [name]: String(v), leg: undefined })}
    />
  );
  switch (list) {
    case "share":
      return field("percent", 5, 100);
    case "silence":
      return field("silence", 15, 600);
    case "rule":
      return (
        <NativeSelect
          size="xs"
          mt={4}
          label={t("review.parameter.rule")}
          value={filters.rule ?? "wait"}
          data={rules.map((r) => ({ value: r.id, label: ruleName(r, t) }))}
          onChange={(e) => set({ rule: e.currentTarget.value, leg: undefined })}
        />
      );
    case "random":
      return (
        <TextInput
          size="xs"
          mt={4}
          label={t("review.parameter.seed")}
          value={filters.seed ?? ""}
          placeholder={t("review.parameter.seed_usual")}
          onChange={(e) => set({ seed: e.currentTarget.value || undefined, leg: undefined })}
        />
      );
    default:
      return null;
  }
}

const signs = { open: IconCircle, claimed: IconHandStop, done: IconCircleCheck };

function WorkItem({ call: c, current, open }: { call: Call; current: boolean; open: () => void }) {
  const { t, i18n } = useTranslation();
  const Sign = signs[c.state];
  const about = [
    duration(c.length_ms / 1000),
    c.violations > 0 && t("quality.violations_n", { n: c.violations }),
    c.worst !== null && t("review.csat", { n: c.worst }),
    c.reviewer,
  ].filter(Boolean);
  return (
    <UnstyledButton
      className="work-item"
      aria-current={current ? "true" : undefined}
      onClick={open}
      data-testid={`work-${c.leg}`}
    >
      <Group justify="space-between" wrap="nowrap" gap={4}>
        <Text size="sm" truncate>
          <Sign size={13} role="img" aria-label={t(`review.sign.${c.state}`)} /> {c.agent_name}
        </Text>
        <Text size="sm" fw={600}>
          {c.appeals > 0 && <IconGavel size={13} role="img" aria-label={t("review.appeals_n", { n: c.appeals })} />}{" "}
          <Total value={c.total} critical={c.critical} />
        </Text>
      </Group>
      <Text size="xs" c="dimmed">
        {dateTime(c.at, i18n.language)}
      </Text>
      <Text size="xs" c="dimmed">
        {about.join("　")}
      </Text>
    </UnstyledButton>
  );
}
