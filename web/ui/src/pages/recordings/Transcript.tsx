import { Alert, Badge, Box, Group, Stack, Text, Title, Tooltip, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { memo, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { Broken, Loading } from "../../components/States";
import { duration } from "../../lib/format";
import { useRuleNames } from "../rules/names";
import { findingOf, lineAt, neighbour, parted, tone } from "./transcript";
import "./transcript.css";

type Finding = Schemas["Finding"];

/** How often a transcript that is not there yet is asked for, in milliseconds. */
const refresh = 5000;

type Props = {
  leg: string;
  time: number;
  playing: boolean;
  seek: (time: number) => void;
  keys: boolean;
  /** The findings are listed elsewhere on the page. */
  bare?: boolean;
};

/** What a recording says: it follows the voice, a word leads to its second, and so does each finding. */
export function Transcript(props: Props) {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ["recordings", "transcript", props.leg],
    queryFn: () => got(api.GET("/api/v1/recordings/{leg}/transcript", { params: { path: { leg: props.leg } } })),
    refetchInterval: (q) => (["none", "waiting", "running"].includes(q.state.data?.state ?? "") ? refresh : false),
  });
  return (
    <Box mt="md" data-testid="transcript" role="region" aria-label={t("transcript.title")}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          {t("transcript.title")}
        </Title>
        {found.data?.state === "done" && (
          <Text size="xs" c="dimmed">
            {t("transcript.by", { model: found.data.model })}
            {found.data.masked > 0 && `　${t("transcript.masked", { count: found.data.masked })}`}
          </Text>
        )}
      </Group>
      {found.isPending && <Loading />}
      {found.isError && !found.data && <Broken error={found.error} retry={() => void found.refetch()} />}
      {found.data && found.data.state !== "done" && <NotYet transcript={found.data} />}
      {found.data?.state === "done" && <Said transcript={found.data} {...props} />}
    </Box>
  );
}

/** Why there is nothing to read, and what to do about it. */
function NotYet({ transcript }: { transcript: Schemas["Transcript"] }) {
  const { t } = useTranslation();
  const failed = transcript.state === "failed";
  return (
    <Alert variant="light" color={failed ? "red" : "blue"} title={t(`transcript.state.${transcript.state}`)}>
      {t(transcript.reason && !failed ? "transcript.remedy.model" : `transcript.remedy.${transcript.state}`)}
      {transcript.reason && (
        <Text size="sm" c="dimmed" mt={4}>
          {t("player.reason", { reason: transcript.reason })}
        </Text>
      )}
    </Alert>
  );
}

function Said({ transcript, time, playing, seek, keys, bare }: Props & { transcript: Schemas["Transcript"] }) {
  const { t } = useTranslation();
  const { said, missing } = parted(transcript.findings ?? []);
  const lines = transcript.utterances ?? [];
  const at = lineAt(lines, time * 1000);
  const box = useRef<HTMLOListElement>(null);

  useEffect(() => {
    if (!keys) return;
    const press = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.altKey || e.metaKey || e.defaultPrevented) return;
      if ((e.target as HTMLElement).closest("input, select, textarea, [contenteditable], [role=dialog]")) return;
      const step = { n: 1, p: -1 }[e.key.toLowerCase()] as 1 | -1 | undefined;
      const to = step && neighbour(said, time * 1000, step);
      if (!to) return;
      e.preventDefault();
      seek((to.start_ms ?? 0) / 1000);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  });

  // Only the list scrolls, and only while it is played: who reads on is left alone.
  useEffect(() => {
    const line = playing && at >= 0 ? box.current?.children[at] : undefined;
    if (!(line instanceof HTMLElement) || !box.current) return;
    const { scrollTop, clientHeight } = box.current;
    const top = line.offsetTop - box.current.offsetTop;
    if (top < scrollTop || top + line.offsetHeight > scrollTop + clientHeight)
      box.current.scrollTo({ top: top - clientHeight / 3 });
  }, [at, playing]);

  return (
    <Stack gap="sm">
      {!bare && <Findings said={said} missing={missing} seek={seek} />}
      {lines.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t("transcript.silent")}
        </Text>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls must be reached by keyboard
        <ol ref={box} className="transcript" tabIndex={0} aria-label={t("transcript.title")}>
          {lines.map((line, i) => (
            <Line
              // Lines never move within a transcript.
              key={line.start_ms + line.role}
              line={line}
              said={said}
              seek={seek}
              now={i === at ? time * 1000 : undefined}
            />
          ))}
        </ol>
      )}
    </Stack>
  );
}

/** What the rules found, each a button that leads to its second. */
function Findings({ said, missing, seek }: { said: Finding[]; missing: Finding[]; seek: (time: number) => void }) {
  const { t } = useTranslation();
  const rules = useRuleNames();
  if (said.length + missing.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t("transcript.nothing_found")}
      </Text>
    );
  return (
    <ul className="findings" aria-label={t("transcript.findings")}>
      {said.map((f) => (
        <li key={f.id}>
          <Tooltip label={explained(f, t)} multiline maw={420} disabled={!explained(f, t)}>
            <UnstyledButton
              className={`finding ${tone(f)}`}
              data-testid="finding"
              onClick={() => seek((f.start_ms ?? 0) / 1000)}
            >
              {named(f, t, rules.name)} <span className="finding-at">{duration((f.start_ms ?? 0) / 1000)}</span>
            </UnstyledButton>
          </Tooltip>
        </li>
      ))}
      {missing.map((f) => (
        <li key={f.id}>
          <Badge color="red" variant="outline" tt="none" data-testid="missing">
            {t("transcript.missing", { what: named(f, t, rules.name) })}
          </Badge>
        </li>
      ))}
    </ul>
  );
}

type T = ReturnType<typeof useTranslation>["t"];

/** A finding's name: the words of a forbidden phrase, else what kind of thing it is. */
function named(f: Finding, t: T, ruleName: (id: string) => string): string {
  if (f.class === "phrase" || f.class === "principle") return `「${f.phrase}」`;
  const kind = t(`transcript.class.${f.class}`, { defaultValue: ruleName(f.rule) });
  return ["interruption", "silence", "hold"].includes(f.class) ? `${kind} ${(f.value / 1000).toFixed(1)} s` : kind;
}

function explained(f: Finding, t: T): string {
  const parts = [];
  if (f.heard && f.match === "sound") parts.push(t("transcript.by_sound", { heard: f.heard }));
  if (f.say) parts.push(t("transcript.say", { say: f.say }));
  return parts.join(" ");
}

type LineProps = { line: Schemas["Utterance"]; said: Finding[]; seek: (time: number) => void; now?: number };

const Line = memo(
  function Line({ line, said, seek, now }: LineProps) {
    const { t } = useTranslation();
    return (
      <li className={`line ${line.role}`} aria-current={now !== undefined || undefined}>
        <UnstyledButton className="line-at" onClick={() => seek(line.start_ms / 1000)}>
          {t(`transcript.role.${line.role}`)} {duration(line.start_ms / 1000)}
        </UnstyledButton>
        {line.unclear && (
          <Badge size="xs" color="gray" variant="light" mr={6} tt="none">
            {t(`transcript.unclear.${line.unclear}`, { defaultValue: t("transcript.unclear.confidence") })}
          </Badge>
        )}
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: the time before the line and the findings do it by keyboard */}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: as above */}
        <span
          onClick={(e) => {
            const start = (e.target as HTMLElement).dataset.at;
            if (start) seek(Number(start) / 1000);
          }}
        >
          {(line.words ?? []).map((w) => {
            const f = findingOf(said, line.role, w.start_ms, w.end_ms);
            const spoken = now !== undefined && w.start_ms <= now && now < w.end_ms;
            return (
              <span
                // A word's place in time is its own.
                key={`${w.start_ms} ${w.end_ms} ${w.text}`}
                data-at={w.start_ms}
                className={[f && `marked ${tone(f)}`, spoken && "spoken"].filter(Boolean).join(" ") || undefined}
              >
                {w.text}
              </span>
            );
          })}
        </span>
      </li>
    );
  },
  (a, b) => a.line === b.line && a.now === b.now && a.said.length === b.said.length,
);
