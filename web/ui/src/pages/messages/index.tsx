import { Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { PageTitle } from "../../components/PageTitle";
import { dateTime } from "../../lib/format";
import type { Column } from "../shared/DataTable";
import { FilterBar, PeriodPick, Pick } from "../shared/FilterBar";
import { Listing } from "../shared/Listing";
import { useList } from "../shared/lists";
import { rangeOf } from "../shared/period";
import { type Filters, useFilters } from "../shared/search";
import { MessageDrawer } from "./MessageDrawer";
import { recipient, State, Way } from "./parts";

type Message = Schemas["Message"];

/** Every how many ms the list is read again. */
const refresh = 5_000;

const states = ["waiting", "sending", "sent", "failed", "unsure"] as const;
const ways = ["sms", "mail"] as const;

function useMessages(filters: Filters) {
  const query = {
    ...rangeOf(filters, "week", Date.now()),
    state: states.find((s) => s === filters.state),
    channel: ways.find((w) => w === filters.channel),
  };
  return useList<Message>(
    ["messages", "list", query],
    (after) => got(api.GET("/api/v1/messages", { params: { query: { ...query, after } } })),
    refresh,
  );
}

/** What was sent to customers, or waits to be, and what became of it. */
export default function MessagesPage() {
  const { t, i18n } = useTranslation();
  const [filters, set] = useFilters();
  const [opened, open] = useState<number | null>(null);
  const list = useMessages(filters);
  const filtered = filters.state !== undefined || filters.channel !== undefined;
  const choices = (of: readonly string[], key: string) =>
    of.map((v) => ({ value: v, label: t(`messages.${key}.${v}`) }));
  return (
    <>
      <PageTitle titleKey="nav.messages" />
      <Text size="sm" c="dimmed" mb="sm">
        {t("messages.hint")}
      </Text>
      <FilterBar filters={filters} set={set}>
        <PeriodPick filters={filters} set={set} usual="week" />
        <Pick
          name="state"
          label={t("messages.state")}
          choices={choices(states, "states")}
          filters={filters}
          set={set}
        />
        <Pick name="channel" label={t("messages.way")} choices={choices(ways, "ways")} filters={filters} set={set} />
      </FilterBar>
      <Listing
        label={t("nav.messages")}
        list={list}
        columns={columns(t, i18n.language, open)}
        rowKey={(m) => String(m.id)}
        opens
        empty={{
          title: t(filtered ? "messages.empty_filtered" : "messages.empty"),
          hint: t(filtered ? "messages.empty_filtered_hint" : "messages.empty_hint"),
        }}
      />
      {opened !== null && <MessageDrawer id={opened} close={() => open(null)} />}
    </>
  );
}

type Words = (key: string, values?: Record<string, string>) => string;

function columns(t: Words, lang: string, open: (id: number) => void): Column<Message>[] {
  return [
    {
      key: "at",
      label: t("messages.at"),
      cell: (m) => {
        const at = dateTime(m.created_at, lang);
        return (
          <UnstyledButton
            fz="sm"
            c="var(--mantine-color-anchor)"
            aria-label={t("messages.open", { at })}
            onClick={() => open(m.id)}
          >
            {at}
          </UnstyledButton>
        );
      },
    },
    { key: "state", label: t("messages.state"), cell: (m) => <State state={m.state} /> },
    { key: "to", label: t("messages.to"), cell: (m) => recipient(m) || t("messages.erased") },
    { key: "way", label: t("messages.way"), cell: (m) => <Way channel={m.channel} /> },
    {
      key: "trouble",
      label: t("messages.trouble"),
      cell: (m) => (m.error ? t(`messages.faults.${m.fault || "none"}.title`) : "–"),
    },
    { key: "attempts", label: t("messages.attempts"), cell: (m) => m.attempts, figure: true },
    {
      key: "next",
      label: t("messages.next"),
      cell: (m) => (m.state !== "waiting" ? "–" : dateTime(m.next_at, lang) || t("messages.soon")),
    },
    { key: "about", label: t("messages.about"), cell: (m) => t(`messages.abouts.${m.about}`) },
  ];
}
