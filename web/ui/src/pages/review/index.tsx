import { Badge, Box, Button, Group, Kbd, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { useMe } from "../../app/session";
import { PageTitle } from "../../components/PageTitle";
import { problemText } from "../../components/problem";
import { Broken, Empty, Loading } from "../../components/States";
import { dateTime } from "../../lib/format";
import { isTyping } from "../../lib/keys";
import { Answers } from "../quality/Answers";
import { FindingRow } from "../quality/FindingRow";
import { Hear } from "../quality/Hear";
import { type Sheet, sheetKey, Total, useSheet } from "../quality/parts";
import "../quality/quality.css";
import { AgentPick, FilterBar, PeriodPick, QueuePick } from "../shared/FilterBar";
import { useFilters } from "../shared/search";
import { CoachingForm } from "./CoachingForm";
import { Decision } from "./Decision";
import { type Draft, useDraft, valueOfKey } from "./draft";
import { MarkFinding } from "./MarkFinding";
import { Scoring } from "./Scoring";
import { ReviewTabs } from "./Tabs";
import { listOf, useWork, WorkList } from "./WorkList";

/** The review desk: the work list, the call with its findings, the scorecard; all of it by keyboard. */
export default function ReviewPage() {
  const { t } = useTranslation();
  const [filters, set] = useFilters();
  const work = useWork(filters);
  const items = work.data?.items ?? [];
  const leg = filters.leg ?? items[0]?.leg ?? "";
  // The call stays on the desk when it leaves the list, as one does that is claimed or done.
  const first = items[0]?.leg;
  useEffect(() => {
    if (!filters.leg && first) set({ leg: first });
  }, [filters.leg, first, set]);
  const next = () => {
    const to = items[items.findIndex((c) => c.leg === leg) + 1] ?? items.find((c) => c.leg !== leg);
    if (to) set({ leg: to.leg });
  };
  return (
    <>
      <PageTitle titleKey="nav.review">
        <ReviewTabs />
      </PageTitle>
      <FilterBar filters={filters} set={set}>
        <PeriodPick filters={filters} set={set} usual="month" />
        <QueuePick filters={filters} set={set} />
        <AgentPick filters={filters} set={set} />
      </FilterBar>
      <Text size="xs" c="dimmed" mb="xs" visibleFrom="md">
        <Kbd size="xs">N</Kbd> <Kbd size="xs">P</Kbd> {t("review.key.findings")}　<Kbd size="xs">Y</Kbd>{" "}
        <Kbd size="xs">X</Kbd> {t("review.key.mark")}　<Kbd size="xs">W</Kbd> <Kbd size="xs">S</Kbd>{" "}
        {t("review.key.questions")}　<Kbd size="xs">0–9</Kbd> {t("review.key.answer")}　<Kbd size="xs">A</Kbd>{" "}
        {t("review.key.accept")}　<Kbd size="xs">C</Kbd> {t("review.key.claim")}　<Kbd size="xs">F</Kbd>{" "}
        {t("review.key.finish")}　<Kbd size="xs">G</Kbd> {t("review.key.next")}
      </Text>
      <div className="review-desk">
        <WorkList work={work} leg={leg} filters={filters} set={set} />
        {leg === "" ? (
          <Empty title={t("review.choose")} hint={t("review.choose_hint")} />
        ) : (
          <Call key={leg} leg={leg} list={listOf(filters)} next={next} />
        )}
      </div>
    </>
  );
}

type ListName = ReturnType<typeof listOf>;

function Call({ leg, list, next }: { leg: string; list: ListName; next: () => void }) {
  const sheet = useSheet(leg);
  if (sheet.isPending) return <Loading />;
  if (sheet.isError) return <Broken error={sheet.error} retry={() => void sheet.refetch()} />;
  // A claim begins with an empty draft.
  return <Open key={sheet.data.mine?.id ?? 0} sheet={sheet.data} list={list} next={next} />;
}

function useClaim(leg: string, list: ListName) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (kind: "review" | "second" | "calibration") => {
      if (kind === "calibration") {
        await api.POST("/api/v1/quality/calibrations", { body: { leg } }).catch((e) => {
          // Somebody else has opened it: one takes part.
          if (e.code !== "taken") throw e;
        });
      }
      return api.POST("/api/v1/review/claims", { body: { leg, kind, list } });
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: sheetKey(leg) });
      void client.invalidateQueries({ queryKey: ["review"] });
    },
  });
}

function Open({ sheet, list, next }: { sheet: Sheet; list: ListName; next: () => void }) {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const draft = useDraft(sheet, me.id);
  const claim = useClaim(sheet.leg, list);
  // None yet: the first N leads to the first finding.
  const [finding, setFinding] = useState(-1);
  const [question, setQuestion] = useState(0);
  const jump = useRef<(ms: number | null) => void>(() => {});
  const claimed = sheet.mine?.state === "claimed";
  const go = (n: number) => {
    const to = Math.min(sheet.findings.length - 1, Math.max(0, n));
    setFinding(to);
    jump.current(sheet.findings[to]?.start_ms ?? null);
  };
  useDeskKeys({ sheet, draft, claimed, finding, question, go, setQuestion, next, claim: () => claim.mutate("review") });
  const problem = claim.error ? problemText(claim.error, t) : null;
  return (
    <>
      <div>
        <Group justify="space-between" mb={6} gap="xs">
          <Text size="sm">
            {sheet.agent_name}　{dateTime(sheet.at, i18n.language)}
          </Text>
          <ClaimButtons sheet={sheet} busy={claim.isPending} claim={claim.mutate} />
        </Group>
        {problem && (
          <Text size="sm" c="red" role="alert" mb={6}>
            {problem.title}：{problem.remedy}
          </Text>
        )}
        <Hear leg={sheet.leg}>
          {(seek) => {
            jump.current = seek;
            return (
              <section aria-label={t("quality.findings")}>
                <Text fw={600} size="sm" mt="xs" mb={4}>
                  {t("quality.findings")}（{sheet.findings.length}）
                </Text>
                {sheet.findings.length === 0 && (
                  <Text size="sm" c="dimmed">
                    {t("quality.no_findings")}
                  </Text>
                )}
                {sheet.findings.map((f, n) => (
                  <FindingRow
                    key={f.id}
                    finding={f}
                    current={n === finding}
                    stands={draft.marks[f.id]?.mark ?? f.stands}
                    jump={() => go(n)}
                  >
                    {claimed && n === finding && <MarkFinding sheet={sheet} finding={f} draft={draft} />}
                    {f.stands === "appealed" && sheet.agent_id !== me.id && <Decision leg={sheet.leg} finding={f} />}
                  </FindingRow>
                ))}
                <CoachingForm sheet={sheet} finding={sheet.findings[finding]} />
              </section>
            );
          }}
        </Hear>
      </div>
      <Box className="review-column" role="group" aria-label={t("review.tab.scorecard")} tabIndex={0}>
        <Group justify="space-between" mb={4}>
          <Text fw={650}>{t("quality.total")}</Text>
          <Text fw={650} data-testid="call-total">
            <Total value={sheet.total} />
          </Text>
        </Group>
        {claimed ? (
          <Scoring sheet={sheet} draft={draft} current={question} setCurrent={setQuestion} />
        ) : (
          <Answers sheet={sheet} />
        )}
      </Box>
    </>
  );
}

function ClaimButtons(props: {
  sheet: Sheet;
  busy: boolean;
  claim: (kind: "review" | "second" | "calibration") => void;
}) {
  const { t } = useTranslation();
  const me = useMe();
  const { sheet, busy, claim } = props;
  if (sheet.mine)
    return (
      <Badge variant="default">
        {t(`review.kind.${sheet.mine.kind}`)} · {t(`review.sign.${sheet.mine.state === "done" ? "done" : "claimed"}`)}
      </Badge>
    );
  if (sheet.agent_id === me.id) return <Text size="sm">{t("review.own")}</Text>;
  const reviewed = sheet.answers.some((a) => a.kind === "review");
  return (
    <Group gap="xs">
      {!reviewed && (
        <Button size="compact-sm" loading={busy} onClick={() => claim("review")}>
          {t("review.claim")}
        </Button>
      )}
      {reviewed && (
        <Button size="compact-sm" variant="default" loading={busy} onClick={() => claim("second")}>
          {t("review.second")}
        </Button>
      )}
      <Button size="compact-sm" variant="subtle" loading={busy} onClick={() => claim("calibration")}>
        {t("review.calibrate")}
      </Button>
    </Group>
  );
}

function useDeskKeys(p: {
  sheet: Sheet;
  draft: Draft;
  claimed: boolean;
  finding: number;
  question: number;
  go: (n: number) => void;
  setQuestion: (n: number) => void;
  next: () => void;
  claim: () => void;
}) {
  const latest = useRef(p);
  latest.current = p;
  useEffect(() => {
    const press = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.altKey || e.metaKey || e.defaultPrevented || isTyping(e.target)) return;
      if ((e.target as HTMLElement).closest("[role=dialog], [role=listbox]")) return;
      if (act(latest.current, e.key.toLowerCase())) e.preventDefault();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}

/** Does what a key is for, and says whether it was one. */
function act(p: Parameters<typeof useDeskKeys>[0], key: string): boolean {
  const questions = p.sheet.card.sections.flatMap((s) => s.questions);
  const move = (by: number) => p.setQuestion(Math.min(questions.length - 1, Math.max(0, p.question + by)));
  const f = p.sheet.findings[p.finding];
  const always: Record<string, () => void> = {
    n: () => p.go(p.finding + 1),
    p: () => p.go(p.finding - 1),
    s: () => move(1),
    w: () => move(-1),
    g: () => p.next(),
  };
  const whenClaimed: Record<string, () => void> = {
    y: () => {
      if (f) p.draft.mark(f.id, "confirmed");
      p.go(p.finding + 1);
    },
    x: () => f && p.draft.mark(f.id, "rejected"),
    a: () => p.draft.acceptRest(),
    f: () => p.draft.finish(),
  };
  if (key === "c" && !p.sheet.mine) {
    p.claim();
    return true;
  }
  const does = always[key] ?? (p.claimed ? whenClaimed[key] : undefined);
  if (does) {
    does();
    return true;
  }
  const q = questions[p.question];
  const value = p.claimed && q ? valueOfKey(q, key) : null;
  if (!q || value === null) return false;
  p.draft.answer(q.id, value);
  move(1);
  return true;
}
