import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconDatabaseOff, IconUserQuestion } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "../../components/States";
import { type Caller, callerOf } from "../../desk/caller";
import { type DeskState, desk, popOf, useDesk } from "../../desk/desk";
import { NotifyButton, SoundTrouble } from "../../desk/SoundCheck";
import { TierBadge } from "../../desk/TierBadge";
import type { Pop } from "../../desk/types";
import i18n, { language } from "../../i18n";
import { date, duration, money, phone } from "../../lib/format";
import { CustomerEmail } from "../shared/CustomerEmail";

/** Who calls: before the ring, during the call, and through its wrap-up the same place and the same person. */
export function CallerPanel() {
  const { t } = useTranslation();
  const s = useDesk();
  const caller = callerOf(s, t);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it
    <section className="desk-card" tabIndex={0} aria-label={t("desk.customer")} data-testid="pop">
      <SoundTrouble />
      {!s.history && (
        <Alert
          color="orange"
          variant="light"
          p="xs"
          mb={6}
          icon={<IconDatabaseOff aria-hidden />}
          title={t("desk.history_away")}
        />
      )}
      {caller.kind === "none" ? <Idle s={s} /> : <Who s={s} caller={caller} />}
    </section>
  );
}

function Idle({ s }: { s: DeskState }) {
  const { t } = useTranslation();
  const a = s.agent;
  const notice = { rona: "desk.rona", declined: "desk.declined", media: "desk.media_lost" }[
    a?.state === "not_ready" ? (a.reason ?? "") : ""
  ];
  return (
    <Stack gap="xs" align="center">
      {notice && (
        <Text size="sm" className="prose" role="status">
          {t(notice)}
        </Text>
      )}
      <Empty
        title={t("desk.no_caller")}
        hint={t(a?.state === "ready" ? "desk.no_caller_hint" : "desk.no_caller_busy")}
      />
      <NotifyButton />
    </Stack>
  );
}

function Who({ s, caller }: { s: DeskState; caller: Caller }) {
  const { t } = useTranslation();
  const [choosing, setChoosing] = useState(false);
  const pop = popOf(s);
  const call = s.agent?.call;
  const several = (pop?.candidates?.length ?? 0) > 1;
  const choose = caller.kind === "choose" || (several && choosing);
  return (
    <>
      <Group gap={8} wrap="wrap" align="center">
        <h2 className="pop-name" data-testid="pop-name">
          {caller.kind === "choose"
            ? phone(pop?.phone) || t("desk.choose", { n: pop?.candidates?.length })
            : caller.name}
        </h2>
        <TierBadge tier={caller.tier} />
      </Group>
      {caller.kind === "known" && <Text size="sm">{phone(pop?.phone)}</Text>}
      <div className="why-call">
        <div>
          {t("desk.path")} <strong>{call?.path?.join(" › ") || t("desk.no_path")}</strong>
        </div>
        <div>
          {t("desk.waited")} <span className="mono">{duration(call?.waited ?? 0)}</span>
          {call?.lang === "en" && <strong> · {t("desk.english_caller")}</strong>}
        </div>
      </div>
      {several && !choose && (
        <Button size="compact-xs" variant="subtle" mt={4} onClick={() => setChoosing(true)}>
          {t("desk.choose_other")}
        </Button>
      )}
      {choose && pop && <Choice s={s} pop={pop} done={() => setChoosing(false)} />}
      {(caller.kind === "unknown" || caller.kind === "withheld") && <Stranger kind={caller.kind} />}
      {caller.kind === "known" && !choose && pop && <Facts pop={pop} />}
    </>
  );
}

function Stranger({ kind }: { kind: "unknown" | "withheld" }) {
  const { t } = useTranslation();
  return (
    <Alert mt="sm" color="gray" variant="light" icon={<IconUserQuestion aria-hidden />} title={t(`desk.${kind}_title`)}>
      <Text size="sm" className="prose">
        {t(`desk.${kind}_hint`)}
      </Text>
    </Alert>
  );
}

function Choice({ s, pop, done }: { s: DeskState; pop: Pop; done: () => void }) {
  const { t } = useTranslation();
  const candidates = pop.candidates ?? [];
  return (
    <>
      <h3>{t("desk.choose", { n: candidates.length })}</h3>
      <ul className="plain-list" aria-label={t("desk.customers")}>
        {candidates.map((c) => (
          <li key={c.id}>
            <Button
              fullWidth
              variant={pop.customer?.id === c.id ? "light" : "default"}
              justify="space-between"
              h="auto"
              py={6}
              data-testid={`customer-${c.id}`}
              rightSection={<TierBadge tier={c.tier} />}
              onClick={async () => {
                if (await desk.ask("choose_customer", { call: s.agent?.call?.call, customer: c.id })) done();
              }}
            >
              <span style={{ textAlign: "left" }}>
                {c.name}
                <br />
                <span className="dim">
                  {t("desk.open_cases")} {c.open_cases} · {t("desk.last_contact")}{" "}
                  {date(c.last_contact, language()) || "—"}
                </span>
              </span>
            </Button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Facts({ pop }: { pop: Pop }) {
  const { t } = useTranslation();
  const lang = language();
  const word = (ns: string, code: string) => (i18n.exists(`${ns}.${code}`) ? t(`${ns}.${code}`) : code);
  const customer = pop.customer;
  return (
    <>
      <h3>{t("desk.open_cases")}</h3>
      {pop.open_cases?.length ? (
        <ul className="plain-list">
          {pop.open_cases.map((c) => (
            <li key={c.id}>
              <div className="row">
                <span>{c.title}</span>
                <span className="mono">{word("case_state", c.state)}</span>
              </div>
              <span className="dim mono">
                {c.id} · {date(c.opened_at, lang)}
              </span>
            </li>
          ))}
        </ul>
      ) : (
        <Text size="sm">{t("desk.no_cases")}</Text>
      )}
      <h3>{t("desk.contacts")}</h3>
      {pop.contacts?.length ? (
        <ul className="plain-list" data-testid="pop-contacts">
          {pop.contacts.slice(0, 3).map((c) => (
            <li key={c.id}>
              <div className="row">
                <span>{c.subject}</span>
                <span className="dim mono">{word("channel", c.channel)}</span>
              </div>
              <span className="dim mono">{date(c.at, lang)}</span>
            </li>
          ))}
        </ul>
      ) : (
        <Text size="sm" data-testid="pop-contacts">
          {t("desk.no_contacts")}
        </Text>
      )}
      <h3>{t("desk.orders")}</h3>
      {pop.orders?.length ? (
        <ul className="plain-list">
          {pop.orders.slice(0, 3).map((o) => (
            <li key={o.id}>
              <div className="row">
                <span>
                  {o.product} × {o.quantity}
                </span>
                <span className="mono">{money(o.amount)}</span>
              </div>
              <span className="dim mono">
                {word("order_state", o.status)} · {o.id} · {date(o.at, lang)}
              </span>
            </li>
          ))}
        </ul>
      ) : (
        <Text size="sm">{t("desk.no_orders")}</Text>
      )}
      {customer && (
        <>
          <h3>{t("email.label")}</h3>
          <CustomerEmail key={customer.id} customer={customer.id} />
        </>
      )}
      {customer?.preferences && (
        <>
          <h3>{t("desk.preferences")}</h3>
          <Text size="sm">{customer.preferences}</Text>
        </>
      )}
      {customer?.note && (
        <>
          <h3>{t("desk.note")}</h3>
          <Text size="sm">{customer.note}</Text>
        </>
      )}
    </>
  );
}
