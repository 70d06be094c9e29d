import { ScrollArea, Text } from "@mantine/core";
import {
  IconBrandFacebook,
  IconBuildingStore,
  IconMail,
  IconMailbox,
  IconMessageCircle,
  IconPhone,
  IconPhoneOutgoing,
  IconWorld,
} from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, got } from "../../api/client";
import { Broken, Empty, Loading, TooMuch } from "../../components/States";
import { popOf, useDesk } from "../../desk/desk";
import type { Contact } from "../../desk/types";
import i18n, { language } from "../../i18n";
import { dateTime } from "../../lib/format";

const icons: Record<string, typeof IconPhone> = {
  phone: IconPhone,
  web: IconWorld,
  line: IconMessageCircle,
  facebook: IconBrandFacebook,
  email: IconMail,
  letter: IconMailbox,
  visit: IconBuildingStore,
};

/** Everything between the customer and the company, newest first, on all channels. */
export function Timeline() {
  const { t } = useTranslation();
  const s = useDesk();
  const pop = popOf(s);
  const id = pop?.customer?.id;
  const call = s.agent?.call?.call;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so keys must reach it
    <section className="desk-card" tabIndex={0} aria-label={t("desk.timeline")}>
      <h2>{t("desk.timeline")}</h2>
      {id ? (
        <Contacts key={`${call}-${id}`} customer={id} />
      ) : (
        <Empty title={t(call ? "desk.no_contacts" : "desk.timeline_hint")} />
      )}
    </section>
  );
}

function Contacts({ customer }: { customer: number }) {
  const { t } = useTranslation();
  const q = useInfiniteQuery({
    queryKey: ["desk-contacts", customer],
    // The entry of the last call is there only after its wrap-up, so what was read before may be old.
    staleTime: 0,
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      got(
        api.GET("/api/v1/customers/{id}/contacts", {
          params: { path: { id: customer }, query: { reveal: true, limit: 30, after: pageParam || undefined } },
          signal,
        }),
      ),
    getNextPageParam: (last) => last.next || undefined,
  });
  if (q.isPending) return <Loading />;
  if (q.isError) return <Broken error={q.error} retry={() => void q.refetch()} />;
  const items = q.data.pages.flatMap((p) => p.items ?? []);
  if (items.length === 0) return <Empty title={t("desk.no_contacts")} hint={t("desk.first")} />;
  return (
    <ScrollArea.Autosize>
      <ol className="plain-list">
        {items.map((c) => (
          <Line key={c.id} c={c} />
        ))}
      </ol>
      {q.hasNextPage && (
        <TooMuch shown={items.length} more={() => void q.fetchNextPage()} busy={q.isFetchingNextPage} />
      )}
    </ScrollArea.Autosize>
  );
}

function Line({ c }: { c: Contact }) {
  const { t } = useTranslation();
  const Icon =
    c.channel === "phone" && c.direction === "out" ? IconPhoneOutgoing : (icons[c.channel] ?? IconMessageCircle);
  const channel = i18n.exists(`channel.${c.channel}`) ? t(`channel.${c.channel}`) : c.channel;
  return (
    <li className="contact-line">
      <Icon size={18} stroke={1.6} aria-hidden />
      <div>
        <div className="row">
          <Text component="span" size="sm" fw={600}>
            {c.subject}
          </Text>
          <span className="dim mono">{dateTime(c.at, language())}</span>
        </div>
        {c.summary && (
          <Text size="sm" className="prose">
            {c.summary}
          </Text>
        )}
        <span className="dim">
          {channel} · {t(`direction.${c.direction === "out" ? "out" : "in"}`)}
          {c.agent_name ? ` · ${t("desk.by", { name: c.agent_name })}` : ""}
        </span>
      </div>
    </li>
  );
}
