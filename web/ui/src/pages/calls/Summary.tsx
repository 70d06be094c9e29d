import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { can, useMe } from "../../app/session";
import { dateTime, duration, phone } from "../../lib/format";
import { CustomerEmail } from "../shared/CustomerEmail";
import { useNames } from "../shared/lists";
import { secondsSince, useNow } from "../shared/now";
import { Outcome } from "./Outcome";
import "./calls.css";

/** What a call was, on one glance. */
export function Summary({ call }: { call: Schemas["Call"] }) {
  const { t, i18n } = useTranslation();
  const names = useNames();
  const me = useMe();
  const caller = call.anonymous ? t("calls.withheld") : phone(call.caller);
  const rows: [string, ReactNode][] = [
    [
      t("calls.outcome_label"),
      call.outcome ? <Outcome key="o" outcome={call.outcome} /> : <Live key="l" call={call} />,
    ],
    [t("calls.caller"), [caller, call.customer_name].filter(Boolean).join("　")],
    ...(call.customer_id > 0 && can(me, "correct") && me.scope !== "own"
      ? [[t("email.label"), <CustomerEmail key="e" customer={call.customer_id} />] as [string, ReactNode]]
      : []),
    [t("calls.line"), phone(call.line)],
    [t("calls.path"), call.path?.join(" › ")],
    ...(call.campaign ? [[t("calls.campaign"), call.campaign] as [string, ReactNode]] : []),
    [t("filter.queue"), names.queue(call.queue_id)],
    [t("filter.agent"), call.agent_name],
    [t("calls.arrived"), dateTime(call.arrived_at, i18n.language)],
    [t("calls.wait"), duration(call.wait_s)],
    [t("calls.talk"), duration(call.talk_s)],
    [t("filter.disposition"), names.disposition(call.disposition)],
    [t("calls.note"), call.note],
    [
      t("calls.id"),
      <span key="id" className="mono">
        {call.id}
      </span>,
    ],
  ];
  return (
    <dl className="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {value || (
              <Text span c="dimmed">
                –
              </Text>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Live({ call }: { call: Schemas["Call"] }) {
  const now = useNow();
  return (
    <span className="live">
      <Outcome outcome="" /> {duration(secondsSince(call.arrived_at, now))}
    </span>
  );
}
