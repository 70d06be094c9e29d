import { Anchor, Button, Drawer, Group, NativeSelect, Stack, Text, Title, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { can, useMe } from "../../app/session";
import { Broken, Loading } from "../../components/States";
import { dateTime, phone, timeSeconds } from "../../lib/format";
import type { Column } from "../shared/DataTable";
import { Listing } from "../shared/Listing";
import { useList } from "../shared/lists";
import { useFilters } from "../shared/search";
import { type Campaign, type Result, results, resultsOf } from "./campaigns";

type Contact = Schemas["CampaignContact"];

/** Everybody on the list, by what came of them. */
export function Contacts({ campaign }: { campaign: Campaign }) {
  const { t, i18n } = useTranslation();
  const [filters, set] = useFilters();
  const [opened, open] = useState<Contact | null>(null);
  const state = results.find((r) => r === filters.state);
  const query = { state };
  const list = useList<Contact>(
    ["campaigns", "contacts", campaign.id, query],
    (after) =>
      got(
        api.GET("/api/v1/campaigns/{campaign}/contacts", {
          params: { path: { campaign: campaign.id }, query: { ...query, after } },
        }),
      ),
    campaign.state === "running" ? 5_000 : 0,
  );
  const label = (key: string) => t(`campaigns.contacts.${key}`);
  const columns: Column<Contact>[] = [
    {
      key: "row",
      label: label("row"),
      figure: true,
      cell: (k) => (
        <UnstyledButton fz="sm" aria-label={t("campaigns.contacts.open", { row: k.row })} onClick={() => open(k)}>
          {k.row}
        </UnstyledButton>
      ),
    },
    { key: "phone", label: label("phone"), cell: (k) => phone(k.phone) || k.mail },
    { key: "name", label: label("name"), cell: (k) => k.name },
    { key: "ref", label: label("ref"), cell: (k) => k.ref },
    { key: "state", label: label("state"), cell: (k) => t(`campaigns.result.${k.state}`) },
    { key: "attempts", label: label("attempts"), cell: (k) => k.attempts, figure: true },
    {
      key: "when",
      label: label("when"),
      cell: (k) =>
        k.settled_at
          ? dateTime(k.settled_at, i18n.language)
          : k.state === "waiting" && k.attempts > 0
            ? t("campaigns.contacts.due", { at: dateTime(k.due, i18n.language) })
            : "",
    },
  ];
  return (
    <section aria-label={label("title")}>
      <Group justify="space-between" align="flex-end" mb="xs">
        <Title order={2} size="h5">
          {label("title")}
        </Title>
        <NativeSelect
          size="xs"
          label={label("filter")}
          value={state ?? ""}
          data={[
            { value: "", label: label("all") },
            ...resultsOf(campaign).map((r: Result) => ({ value: r, label: t(`campaigns.result.${r}`) })),
          ]}
          onChange={(e) => set({ state: e.currentTarget.value || undefined })}
        />
      </Group>
      <Listing
        label={label("title")}
        list={list}
        columns={columns}
        rowKey={(k) => String(k.id)}
        opens
        empty={{
          title: label(state ? "empty_filtered" : "empty"),
          hint: label(state ? "empty_filtered_hint" : "empty_hint"),
        }}
      />
      {opened && <ContactDrawer campaign={campaign.id} contact={opened} close={() => open(null)} />}
    </section>
  );
}

/** One person, and every call to them. */
function ContactDrawer({ campaign, contact, close }: { campaign: string; contact: Contact; close: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const [reveal, setReveal] = useState(false);
  const { data, isPending, error, refetch } = useQuery({
    queryKey: ["campaigns", "contact", campaign, contact.id, reveal],
    queryFn: () =>
      got(
        api.GET("/api/v1/campaigns/{campaign}/contacts/{contact}", {
          params: { path: { campaign, contact: contact.id }, query: { reveal } },
        }),
      ),
    staleTime: reveal ? Number.POSITIVE_INFINITY : 0,
  });
  return (
    <Drawer
      opened
      onClose={close}
      position="right"
      size="md"
      title={t("campaigns.contacts.open", { row: contact.row })}
      closeButtonProps={{ "aria-label": t("campaigns.cancel") }}
    >
      {isPending && <Loading />}
      {error && !data && <Broken error={error} retry={() => void refetch()} />}
      {data && (
        <Stack>
          <dl className="campaign-facts">
            <dt>{t("campaigns.contacts.phone")}</dt>
            <dd className="figure">{phone(data.phone) || "–"}</dd>
            {data.mail && <dt>{t("campaigns.contacts.mail")}</dt>}
            {data.mail && <dd>{data.mail}</dd>}
            <dt>{t("campaigns.contacts.name")}</dt>
            <dd>{data.name || "–"}</dd>
            <dt>{t("campaigns.contacts.ref")}</dt>
            <dd>{data.ref || "–"}</dd>
            <dt>{t("campaigns.contacts.state")}</dt>
            <dd>{t(`campaigns.result.${data.state}`)}</dd>
          </dl>
          {can(me, "reveal") && !reveal && (
            <Group gap="xs">
              <Button size="compact-sm" variant="default" onClick={() => setReveal(true)}>
                {t("campaigns.contacts.reveal")}
              </Button>
              <Text size="xs" c="dimmed">
                {t("campaigns.contacts.revealed_hint")}
              </Text>
            </Group>
          )}
          <Calls calls={data.calls} />
        </Stack>
      )}
    </Drawer>
  );
}

function Calls({ calls }: { calls: Schemas["CampaignCall"][] }) {
  const { t, i18n } = useTranslation();
  return (
    <section aria-label={t("campaigns.contacts.calls")}>
      <Title order={3} size="h6" mb={4}>
        {t("campaigns.contacts.calls")}
      </Title>
      {calls.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("campaigns.contacts.no_calls")}
        </Text>
      )}
      <ol>
        {calls.map((c) => (
          <li key={c.n}>
            <Text size="sm" component="span">
              {dateTime(c.dialled_at, i18n.language)}　{t(`campaigns.result.${c.result || "dialling"}`)}
              {c.ended_at && `　${t("campaigns.contacts.ended")} ${timeSeconds(c.ended_at)}`}
              {c.cause > 0 && `　${t("campaigns.contacts.cause", { cause: c.cause })}`}
              {c.detail && `　${c.detail}`}
            </Text>{" "}
            {c.answered_at && (
              <Anchor size="sm" renderRoot={(p) => <Link to="/calls/$id" params={{ id: c.call_id }} {...p} />}>
                {t("campaigns.contacts.call")}
              </Anchor>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
