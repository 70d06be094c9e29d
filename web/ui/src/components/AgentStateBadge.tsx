import {
  IconAlertTriangle,
  IconCircleCheck,
  IconClipboardText,
  IconLogout2,
  IconPhoneCall,
  IconPhonePause,
  IconPhoneRinging,
  IconPlayerPause,
  IconPlugConnected,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { duration } from "../lib/format";
import { useSeconds } from "../lib/ticker";
import "./agent-state.css";

const icons = {
  signed_out: IconLogout2,
  not_ready: IconPlayerPause,
  ready: IconCircleCheck,
  ringing: IconPhoneRinging,
  talking: IconPhoneCall,
  connecting: IconPlugConnected,
  held: IconPhonePause,
  away: IconAlertTriangle,
  wrap_up: IconClipboardText,
};

/** Seconds after which a state is darker: someone should look. */
const long: Record<string, number> = {
  ringing: 10,
  talking: 600,
  held: 60,
  wrap_up: 60,
  not_ready: 1800,
  connecting: 3,
  away: 3,
};

type Props = {
  /** Of the floor: signed_out, not_ready, ready, ringing, talking, wrap_up. */
  state: string;
  /** While talking: connecting, up, held, away. */
  voice?: string;
  /** Already in words. */
  reason?: string;
  since?: string;
  size?: "sm" | "lg";
  testId?: string;
};

/** An agent's state as icon, word, timer and colour: never by colour alone. */
export function AgentStateBadge({ state, voice, reason, since, size = "sm", testId }: Props) {
  const { t } = useTranslation();
  const shown = state === "talking" && voice && voice !== "up" ? voice : state;
  const seconds = useSeconds(since);
  const Icon = icons[shown as keyof typeof icons] ?? IconAlertTriangle;
  return (
    <span
      className="agent-state"
      data-state={state}
      data-shown={shown}
      data-size={size}
      data-long={seconds >= (long[shown] ?? Number.POSITIVE_INFINITY) || undefined}
      data-testid={testId}
    >
      <Icon size={size === "lg" ? 22 : 15} stroke={2} aria-hidden />
      <span>
        {t(`agent_state.${shown}`)}
        {reason ? ` · ${reason}` : ""}
      </span>
      {since && state !== "signed_out" && <span className="mono agent-state-time">{duration(seconds)}</span>}
    </span>
  );
}
