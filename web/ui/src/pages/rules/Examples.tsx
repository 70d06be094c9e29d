import { ActionIcon, Anchor, Group, Kbd, SegmentedControl, Text, Title, Tooltip } from "@mantine/core";
import { IconThumbDown, IconThumbDownFilled, IconThumbUp, IconThumbUpFilled } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { problemText } from "../../components/problem";
import { Broken, Empty, Loading } from "../../components/States";
import { dateTime, duration } from "../../lib/format";
import { isTyping } from "../../lib/keys";
import { useFilters } from "../shared/search";

type Example = Schemas["TrialExample"];
type Thumb = "up" | "down" | "none";
const sides = ["all", "new", "gone", "same"] as const;

const second = (e: Example) => e.seek_ms / 1000;

/** Examples of one rule, to be judged by keyboard: is the rule right here? */
export function Examples({ trial, row, name }: { trial: Schemas["Trial"]; row: Schemas["RuleResult"]; name: string }) {
  const { t } = useTranslation();
  const [filters, set] = useFilters();
  const usual = row.new.findings > 0 || row.gone.findings > 0 ? undefined : "all";
  const side = sides.find((s) => s === (filters.side ?? usual)) ?? "all";
  const key = ["rules", "examples", trial.id, row.rule.id, side, trial.done];
  const found = useQuery({
    queryKey: key,
    queryFn: () =>
      got(
        api.GET("/api/v1/rules/trials/{id}/examples", {
          params: { path: { id: trial.id }, query: { rule: row.rule.id, side: side === "all" ? undefined : side } },
        }),
      ),
  });
  const items = found.data?.items ?? [];
  const [at, setAt] = useState(0);
  const thumb = useThumb(trial.id, key);
  const problem = thumb.error ? problemText(thumb.error, t) : null;
  const current = Math.min(at, items.length - 1);
  const go = (n: number) => setAt(Math.max(0, Math.min(items.length - 1, n)));
  const say = (n: number, what: Thumb) => {
    const e = items[n];
    if (!e) return;
    thumb.mutate({ example: e.id, thumb: what });
    setAt(what === "none" ? n : Math.min(items.length - 1, n + 1));
  };
  useExampleKeys({ items, current, go, say });
  return (
    <section aria-label={t("rules.example.title", { rule: name })}>
      <Title order={2} size="h5" mt="md">
        {t("rules.example.title", { rule: name })}
      </Title>
      <Text size="sm" c="dimmed" className="prose">
        {t("rules.example.explained")}
      </Text>
      <Group gap="sm" my="xs">
        <SegmentedControl
          size="xs"
          value={side}
          onChange={(s) => {
            setAt(0);
            set({ side: s });
          }}
          data={sides.map((value) => ({ value, label: t(`rules.example.side.${value}`) }))}
        />
        <Text size="xs" c="dimmed" role="status">
          {t("rules.example.shown", { judged: items.filter((e) => e.thumb !== "").length, n: items.length })}
        </Text>
        <Text size="xs" c="dimmed" visibleFrom="md">
          <Kbd size="xs">N</Kbd> <Kbd size="xs">P</Kbd> {t("rules.example.keys.move")}　<Kbd size="xs">Y</Kbd>{" "}
          {t("rules.example.keys.up")}　<Kbd size="xs">X</Kbd> {t("rules.example.keys.down")}　<Kbd size="xs">U</Kbd>{" "}
          {t("rules.example.keys.undo")}　<Kbd size="xs">L</Kbd> {t("rules.example.keys.hear")}
        </Text>
      </Group>
      {problem && (
        <Text size="sm" c="red" role="alert">
          {problem.title}：{problem.remedy}
        </Text>
      )}
      {found.isPending && <Loading />}
      {found.isError && <Broken error={found.error} retry={() => void found.refetch()} />}
      {found.data && items.length === 0 && (
        <Empty title={t("rules.example.empty")} hint={t("rules.example.empty_hint")} />
      )}
      {items.map((e, n) => (
        <Row key={e.id} example={e} current={n === current} focus={() => setAt(n)} say={(what) => say(n, what)} />
      ))}
    </section>
  );
}

/** Shows a thumb at once and keeps it; the figures follow. */
function useThumb(trial: number, key: unknown[]) {
  const client = useQueryClient();
  return useMutation({
    // One after another, so that what was said last is what counts.
    scope: { id: "thumbs" },
    mutationFn: ({ example, thumb }: { example: number; thumb: Thumb }) =>
      api.PUT("/api/v1/rules/trials/{id}/examples/{example}", {
        params: { path: { id: trial, example } },
        body: { thumb },
      }),
    onMutate: ({ example, thumb }) =>
      client.setQueryData<{ items: Example[]; next: string }>(
        key,
        (old) =>
          old && {
            ...old,
            items: old.items.map((e) => (e.id === example ? { ...e, thumb: thumb === "none" ? "" : thumb } : e)),
          },
      ),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: key });
      void client.invalidateQueries({ queryKey: ["rules", "trials", "one"] });
      void client.invalidateQueries({ queryKey: ["rules", "live"] });
    },
  });
}

function useExampleKeys(p: {
  items: Example[];
  current: number;
  go: (n: number) => void;
  say: (n: number, what: Thumb) => void;
}) {
  const router = useRouter();
  const latest = useRef(p);
  latest.current = p;
  useEffect(() => {
    const press = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.altKey || e.metaKey || e.defaultPrevented || isTyping(e.target)) return;
      if ((e.target as HTMLElement).closest("[role=dialog], [role=listbox]")) return;
      const { items, current, go, say } = latest.current;
      const does: Record<string, () => void> = {
        n: () => go(current + 1),
        p: () => go(current - 1),
        y: () => say(current, "up"),
        x: () => say(current, "down"),
        u: () => say(current, "none"),
        l: () => {
          const at = items[current];
          // Another tab, so that one comes back to the same example.
          if (at)
            window.open(
              router.buildLocation({
                to: "/recordings/$leg",
                params: { leg: at.leg },
                search: { t: second(at) } as never,
              }).href,
              "_blank",
            );
        },
      };
      const act = does[e.key.toLowerCase()];
      if (!act || items.length === 0) return;
      e.preventDefault();
      act();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [router]);
}

function Row(props: { example: Example; current: boolean; focus: () => void; say: (what: Thumb) => void }) {
  const { t, i18n } = useTranslation();
  const { example: e, current } = props;
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (current) row.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const about = [
    e.start_ms === null
      ? t("rules.example.missing")
      : e.match === "sound"
        ? t("rules.example.sound", { n: e.apart.toFixed(2) })
        : e.match === "exact"
          ? t("rules.example.exact")
          : t("rules.example.measured", { n: Number(e.value.toFixed(1)) }),
    e.agent_name,
    dateTime(e.at, i18n.language),
  ].filter(Boolean);
  const button = (what: "up" | "down") => {
    const on = e.thumb === what;
    const Icon = what === "up" ? (on ? IconThumbUpFilled : IconThumbUp) : on ? IconThumbDownFilled : IconThumbDown;
    return (
      <Tooltip label={on ? t("rules.example.undo") : t(`rules.example.${what}`)}>
        <ActionIcon
          variant={on ? "filled" : "default"}
          size="md"
          aria-label={t(`rules.example.${what}`)}
          aria-pressed={on}
          data-testid={`thumb-${what}`}
          onFocus={props.focus}
          onClick={() => props.say(on ? "none" : what)}
        >
          <Icon size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
    );
  };
  return (
    <div ref={row} className="example" aria-current={current ? "true" : undefined} data-testid="example">
      <Group justify="space-between" wrap="nowrap" align="flex-start" gap="sm">
        <div className="quoted">
          <Group gap={8}>
            <Text size="xs" fw={650}>
              {t(`rules.example.side.${e.side}`)}
            </Text>
            <Text size="xs" c="dimmed">
              {about.join("　")}
            </Text>
            <Anchor
              size="xs"
              onFocus={props.focus}
              renderRoot={(p) => (
                <Link
                  to="/recordings/$leg"
                  params={{ leg: e.leg }}
                  search={{ t: second(e) } as never}
                  target="_blank"
                  {...p}
                />
              )}
            >
              {t("rules.example.hear")} {duration(second(e))}
            </Anchor>
          </Group>
          {e.lines.map((l) => (
            <Text size="sm" key={`${l.role} ${l.start_ms}`}>
              <Text span size="xs" c="dimmed" mr={6}>
                {t(`rules.role.${l.role}`)}
              </Text>
              {l.before}
              {l.hit && <mark>{l.hit}</mark>}
              {l.after}
            </Text>
          ))}
          {e.thumb_name && e.thumb && (
            <Text size="xs" c="dimmed">
              {t("rules.example.by", { name: e.thumb_name, at: dateTime(e.thumb_at, i18n.language) })}
            </Text>
          )}
        </div>
        <Group gap={4} wrap="nowrap">
          {button("up")}
          {button("down")}
        </Group>
      </Group>
    </div>
  );
}
