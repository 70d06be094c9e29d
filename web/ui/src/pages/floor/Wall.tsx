import { useTranslation } from "react-i18next";
import { named } from "../../i18n";
import { count, duration } from "../../lib/format";
import { type Agent, byNeed, type Queue, urgency, type Waiter, waiters } from "./attention";
import { Level } from "./Figures";
import { NeedSign } from "./NeedSign";
import { signs } from "./WaitingList";

/** What fits on a wall without scrolling. */
const lookedAt = 6;

/** The floor for a screen on the wall, read at five metres: all queues at once, and who needs a look. Nothing cycles. */
export function Wall({ queues, agents, now }: { queues: Queue[]; agents: Agent[]; now: number }) {
  const { t } = useTranslation();
  const look = byNeed(agents, now).filter((s) => urgency(s.need) === 2);
  return (
    <div className="wall">
      <div className="wall-queues">
        {queues.map((q) => (
          <WallQueue key={q.queue} queue={q} now={now} />
        ))}
      </div>
      <section className="wall-look" aria-label={t("floor.look")}>
        <h2>{t("floor.look")}</h2>
        {look.length === 0 && <p>{t("floor.look_none")}</p>}
        <ul>
          {look.slice(0, lookedAt).map((s) => (
            <li key={s.agent.agent}>
              <span>{s.agent.name}</span>
              <NeedSign seen={s} size={32} />
              <strong>{duration(s.seconds)}</strong>
            </li>
          ))}
        </ul>
        {look.length > lookedAt && <p>{t("floor.look_more", { n: look.length - lookedAt })}</p>}
      </section>
    </div>
  );
}

function Late({ waiter }: { waiter: Waiter }) {
  const { t } = useTranslation();
  const sign = signs[waiter.late];
  return (
    <>
      <sign.icon aria-hidden /> {t(`floor.lateness.${sign.word}`, { target: waiter.queue.service_level_s })}
    </>
  );
}

function WallQueue({ queue: q, now }: { queue: Queue; now: number }) {
  const { t } = useTranslation();
  const waiting = waiters([q], now);
  const longest = waiting[0];
  return (
    <section className={`wall-queue late-${longest?.late ?? 0}`} aria-label={named(q)}>
      <h2>{named(q)}</h2>
      <div className="wall-late">{longest && <Late waiter={longest} />}</div>
      <div className="wall-big">
        <strong>{waiting.length}</strong> <span>{t("floor.wall_waiting")}</span>
      </div>
      <div className="wall-big">
        <strong>{longest ? duration(longest.seconds) : "–"}</strong> <span>{t("floor.wall_longest")}</span>
      </div>
      <dl>
        <div>
          <dt>{t("floor.wall_level")}</dt>
          <dd>
            <Level queue={q} />
          </dd>
        </div>
        <div>
          <dt>{t("floor.figure.able")}</dt>
          <dd>
            {q.able} / {q.signed_in}
          </dd>
        </div>
        <div>
          <dt>{t("floor.wall_abandoned")}</dt>
          <dd>{count(q.today.abandoned)}</dd>
        </div>
      </dl>
    </section>
  );
}
