import { Button, Group, Loader, Menu, Text, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconAlertTriangle,
  IconArrowForwardUp,
  IconCircleCheck,
  IconMicrophone,
  IconMicrophoneOff,
  IconPhone,
  IconPhoneOff,
  IconPhonePause,
  IconPhoneX,
  IconPlayerPause,
  IconPlayerRecord,
  IconStars,
} from "@tabler/icons-react";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { AgentStateBadge } from "../components/AgentStateBadge";
import i18n, { named } from "../i18n";
import { duration } from "../lib/format";
import { type Action, actionOf, keyOf, keysVersion, subscribeKeys } from "../lib/keys";
import { callerOf } from "./caller";
import { controlsOf } from "./controls";
import { type DeskState, desk, useDesk } from "./desk";
import { PauseStatus } from "./PauseStatus";
import { SoundStatus } from "./SoundCheck";
import { TierBadge } from "./TierBadge";
import "./call-bar.css";

type BarButtonProps = {
  label: string;
  icon: typeof IconPhone;
  why: string;
  run?: () => void;
  action?: Action;
  asked?: boolean;
  color?: string;
  testId: string;
  pressed?: boolean;
  menu?: boolean;
};

/** Never vanishes and never loses the focus: what is impossible now is marked so, and says why. */
function BarButton({
  label,
  icon: Icon,
  why,
  run,
  action,
  asked,
  color,
  testId,
  pressed,
  menu,
  ...menuProps
}: BarButtonProps) {
  const key = action ? keyOf(action) : "";
  return (
    <Tooltip label={why || (key ? `${label} (${key})` : label)} openDelay={300} multiline maw={260}>
      <Button
        {...menuProps}
        className="bar-button"
        size="sm"
        styles={{ label: { display: "block", height: "auto" } }}
        variant={color && !why ? "filled" : "default"}
        color={color}
        data-testid={testId}
        data-disabled={why !== "" || undefined}
        aria-disabled={why !== "" || undefined}
        aria-description={why || undefined}
        aria-keyshortcuts={key || undefined}
        aria-pressed={pressed}
        aria-busy={asked || undefined}
        leftSection={asked ? <Loader size={16} color="currentColor" /> : <Icon size={18} stroke={1.8} aria-hidden />}
        onClick={(e) => {
          if (why) return e.preventDefault();
          if (menu) (menuProps as { onClick?: (e: unknown) => void }).onClick?.(e);
          run?.();
        }}
      >
        <span className="bar-label">{label}</span>
        {key && (
          <span className="bar-key" aria-hidden>
            {key}
          </span>
        )}
      </Button>
    </Tooltip>
  );
}

export function useReason(): (code: string | undefined) => string {
  const { t } = useTranslation();
  const { config } = useDesk();
  return (code) => {
    if (!code) return "";
    if (i18n.exists(`reason.${code}`)) return t(`reason.${code}`);
    return named(config?.reasons?.find((r) => r.code === code)) || code;
  };
}

/** The one place for the call, on top of every page of somebody whose desk is open. */
export function CallBar() {
  const { t } = useTranslation();
  const s = useDesk();
  useSyncExternalStore(subscribeKeys, keysVersion);
  const [nextOpen, setNextOpen] = useState(false);
  const controls = useMemo(() => controlsOf(s, t), [s, t]);
  useBarKeys(controls, () => setNextOpen((o) => !o));
  useRefusals(s);
  const a = s.agent;
  const held = a?.call?.voice === "held";
  const reason = useReason();
  const nextWord = a?.next ? t(`agent_state.${a.next}`) + (a.next_reason ? `·${reason(a.next_reason)}` : "") : "";
  return (
    <section className="call-bar" aria-label={t("desk.bar")}>
      <div className="call-bar-top">
        <AgentStateBadge
          state={a?.state ?? "signed_out"}
          voice={a?.call?.voice}
          reason={a?.state === "not_ready" ? reason(a.reason) : ""}
          since={held ? a?.call?.voice_since : a?.since}
          size="lg"
          testId="agent-state"
        />
        <CallFacts s={s} />
        <SoundStatus />
      </div>
      <div className="call-bar-buttons" role="toolbar" aria-label={t("desk.bar")}>
        <BarButton
          label={t("desk.answer")}
          icon={IconPhone}
          action="answer"
          color="#237032"
          testId="answer"
          why={controls.answer.why}
          run={controls.answer.do}
          asked={s.asked === "answer"}
        />
        <BarButton
          label={t("desk.decline")}
          icon={IconPhoneX}
          testId="decline"
          why={controls.decline.why}
          run={controls.decline.do}
          asked={s.asked === "decline"}
        />
        <BarButton
          label={t("desk.end")}
          icon={IconPhoneOff}
          action="end"
          color="#c92a2a"
          testId="hang-up"
          why={controls.end.why}
          run={controls.end.do}
          asked={s.asked === "hang_up"}
        />
        <BarButton
          label={t(held ? "desk.resume" : "desk.hold")}
          icon={IconPhonePause}
          action="hold"
          testId="hold"
          why={controls.hold.why}
          run={controls.hold.do}
          pressed={held}
          asked={s.asked === "hold" || s.asked === "resume"}
        />
        <BarButton
          label={t(s.phone.muted ? "desk.unmute" : "desk.mute")}
          icon={s.phone.muted ? IconMicrophoneOff : IconMicrophone}
          action="mute"
          testId="mute"
          why={controls.mute.why}
          run={controls.mute.do}
          pressed={s.phone.muted}
          color={s.phone.muted ? "#a8430a" : undefined}
        />
        <BarButton
          label={t(s.phone.recording.paused ? "desk.go_on_recording" : "desk.pause_recording")}
          icon={s.phone.recording.paused ? IconPlayerRecord : IconPlayerPause}
          action="pause_recording"
          testId="pause-recording"
          why={controls.pause.why}
          run={controls.pause.do}
          pressed={s.phone.recording.paused}
          color={s.phone.recording.paused ? "#a8430a" : undefined}
          asked={s.asked === "pause_recording" || s.asked === "resume_recording"}
        />
        <BarButton
          label={t("desk.survey")}
          icon={IconStars}
          action="survey"
          testId="to-survey"
          why={controls.survey.why}
          run={controls.survey.do}
          asked={s.asked === "to_survey"}
        />
        <BarButton
          label={t("desk.ready")}
          icon={IconCircleCheck}
          action="ready"
          testId="ready"
          why={controls.ready.why}
          run={controls.ready.do}
          asked={s.asked === "ready"}
        />
        <Menu position="bottom-end" disabled={controls.not_ready.why !== ""} withinPortal>
          <Menu.Target>
            <BarButton
              label={t("desk.not_ready")}
              icon={IconPlayerPause}
              testId="not-ready"
              why={controls.not_ready.why}
              asked={s.asked === "not_ready"}
              menu
            />
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{t("desk.state_menu")}</Menu.Label>
            <ReasonItems pick={(r) => void desk.ask("not_ready", { reason: r })} s={s} />
          </Menu.Dropdown>
        </Menu>
        <Menu
          position="bottom-end"
          opened={nextOpen && controls.next_state.why === ""}
          onChange={setNextOpen}
          withinPortal
        >
          <Menu.Target>
            <BarButton
              label={nextWord ? t("desk.next_is", { state: nextWord }) : t("desk.next")}
              icon={IconArrowForwardUp}
              action="next_state"
              testId="next-state"
              why={controls.next_state.why}
              asked={s.asked === "next_state"}
              pressed={nextWord !== ""}
              menu
            />
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{t("desk.next_label")}</Menu.Label>
            <Menu.Item onClick={() => void desk.ask("next_state", { state: "ready" })}>
              {t("agent_state.ready")}
            </Menu.Item>
            <ReasonItems prefix pick={(r) => void desk.ask("next_state", { state: "not_ready", reason: r })} s={s} />
            <Menu.Divider />
            <Menu.Item onClick={() => void desk.ask("next_state", { state: "" })}>{t("desk.next_none")}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
      <PauseStatus s={s} />
      <Announcements s={s} />
    </section>
  );
}

function ReasonItems({ s, pick, prefix }: { s: DeskState; pick: (code: string) => void; prefix?: boolean }) {
  const { t } = useTranslation();
  const reasons = (s.config?.reasons ?? []).filter((r) => r.active !== false);
  return reasons.map((r) => (
    <Menu.Item key={r.code} data-testid={`reason-${r.code}`} onClick={() => pick(r.code)}>
      {prefix ? `${t("agent_state.not_ready")}·${named(r)}` : named(r)}
    </Menu.Item>
  ));
}

function CallFacts({ s }: { s: DeskState }) {
  const { t } = useTranslation();
  const call = s.agent?.call;
  if (!call) {
    return (
      <Text c="dimmed" className="call-facts">
        {t("desk.idle")}
      </Text>
    );
  }
  const caller = callerOf(s, t);
  const queue = s.config?.queues?.find((q) => q.id === call.queue);
  return (
    <dl className="call-facts">
      <div className="call-who">
        <dt>{t("desk.customer")}</dt>
        <dd>
          <Group gap={6} wrap="nowrap">
            <span className="call-name">{caller.name}</span>
            <TierBadge tier={caller.tier} />
          </Group>
        </dd>
      </div>
      <div>
        <dt>{t("desk.queue")}</dt>
        <dd>{named(queue) || call.queue}</dd>
      </div>
      <div className="call-path">
        <dt>{t("desk.path")}</dt>
        <dd>{call.path?.join(" › ") || t("desk.no_path")}</dd>
      </div>
      <div>
        <dt>{t("desk.waited")}</dt>
        <dd className="mono">{duration(call.waited ?? 0)}</dd>
      </div>
    </dl>
  );
}

/** Tells a screen reader of a ring at once, and of each state when it has time. */
function Announcements({ s }: { s: DeskState }) {
  const { t } = useTranslation();
  const a = s.agent;
  const caller = callerOf(s, t);
  const queue = named(s.config?.queues?.find((q) => q.id === a?.call?.queue)) || (a?.call?.queue ?? "");
  const path = a?.call?.path?.join("、") || t("desk.no_path");
  const ring =
    a?.state === "ringing" ? t("desk.ring_announce", { who: caller.name, queue, path, key: keyOf("answer") }) : "";
  useEffect(() => {
    desk.announce = (now) => ({
      title: t("desk.notification", { who: callerOf(now, t).name }),
      body: [now.agent?.call?.path?.join(" › "), `${keyOf("answer")} ${t("desk.answer")}`].filter(Boolean).join("\n"),
    });
  }, [t]);
  const shown =
    a?.call?.voice && a.state === "talking" && a.call.voice !== "up" ? a.call.voice : (a?.state ?? "signed_out");
  return (
    <>
      <div className="visually-hidden" role="alert">
        {ring}
      </div>
      <div className="visually-hidden" role="status">
        {t("desk.state_announce", { state: t(`agent_state.${shown}`) })}
      </div>
    </>
  );
}

function useBarKeys(controls: ReturnType<typeof controlsOf>, next: () => void) {
  useEffect(() => {
    const run = (e: KeyboardEvent) => {
      const action = actionOf(e);
      if (!action || e.repeat) return;
      const control = {
        answer: controls.answer,
        end: controls.end,
        hold: controls.hold,
        mute: controls.mute,
        pause_recording: controls.pause,
        survey: controls.survey,
        ready: controls.ready,
        next_state: controls.next_state,
      }[action as string];
      if (!control) return;
      // Also when impossible now: the browser must not do something of its own instead.
      e.preventDefault();
      if (control.why) return;
      if (action === "next_state") next();
      else control.do();
    };
    window.addEventListener("keydown", run);
    return () => window.removeEventListener("keydown", run);
  }, [controls, next]);
}

/** A refusal is said where it does not cover the call, and in words. */
function useRefusals(s: DeskState) {
  const { t } = useTranslation();
  const { refusal } = s;
  useEffect(() => {
    if (!refusal) return;
    const code = i18n.exists(`desk.refused.${refusal.code}`) ? refusal.code : "failed";
    const names: Record<string, string> = {
      hang_up: "end",
      to_survey: "survey",
      dispose: "save",
      next_state: "next",
      choose_customer: "choose_other",
      resume_recording: "go_on_recording",
    };
    const what =
      refusal.command === "sign_out" ? t("nav.sign_out") : t(`desk.${names[refusal.command] ?? refusal.command}`);
    notifications.show({
      id: "refusal",
      color: "orange",
      icon: <IconAlertTriangle size={18} aria-hidden />,
      title: t("desk.refused.title", { what }),
      message: t(`desk.refused.${code}`),
    });
  }, [refusal, t]);
}
