import { Text } from "@mantine/core";
import { IconAlertTriangle, IconBellRinging, IconClock, IconClockExclamation } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { named } from "../../i18n";
import { duration } from "../../lib/format";
import { useNames } from "../shared/lists";
import { type Lateness, type Queue, type Waiter, waiters } from "./attention";

/** More than this nobody reads; the longest are what counts. */
const shown = 30;

export const signs: Record<Lateness, { icon: typeof IconClock; word: string }> = {
  0: { icon: IconClock, word: "in_time" },
  1: { icon: IconClock, word: "soon_late" },
  2: { icon: IconClockExclamation, word: "late" },
  3: { icon: IconAlertTriangle, word: "very_late" },
};

/** Who waits in the queues, the longest first, against the queue's target. */
export function WaitingList({ queues, now }: { queues: Queue[]; now: number }) {
  const { t } = useTranslation();
  const all = waiters(queues, now);
  if (all.length === 0) {
    return (
      <Text size="sm" c="dimmed" className="calm">
        {t("floor.nobody_waits")}
      </Text>
    );
  }
  return (
    <>
      <ol className="waiting">
        {all.slice(0, shown).map((w) => (
          <Line key={w.call.call} waiter={w} />
        ))}
      </ol>
      {all.length > shown && (
        <Text size="sm" mt={4}>
          {t("floor.more_wait", { n: all.length - shown })}
        </Text>
      )}
    </>
  );
}

function Line({ waiter: w }: { waiter: Waiter }) {
  const { t } = useTranslation();
  const names = useNames();
  const sign = signs[w.late];
  const path = w.call.path?.join(" › ");
  return (
    <li className={`late-${w.late}`}>
      <sign.icon size={18} aria-hidden />
      <strong className="timer">{duration(w.seconds)}</strong>
      <span>{t(`floor.lateness.${sign.word}`, { target: w.queue.service_level_s })}</span>
      <span className="waiting-queue">{named(w.queue)}</span>
      <span className="waiting-path">
        {w.call.ringing ? (
          <>
            <IconBellRinging size={16} aria-hidden /> {t("floor.rings_at", { agent: names.agent(w.call.ringing) })}
          </>
        ) : (
          path
        )}
      </span>
    </li>
  );
}
