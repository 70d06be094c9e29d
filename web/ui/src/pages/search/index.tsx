import { Anchor, Button, Group, Mark, Text, TextInput } from "@mantine/core";
import { IconDownload, IconSearch } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { PageTitle } from "../../components/PageTitle";
import { Empty } from "../../components/States";
import { dateTime, duration } from "../../lib/format";
import { csv, download } from "../shared/csv";
import type { Column } from "../shared/DataTable";
import { AgentPick, FilterBar, PeriodPick, Pick, QueuePick } from "../shared/FilterBar";
import { Listing } from "../shared/Listing";
import { type Names, useList, useNames } from "../shared/lists";
import { rangeOf } from "../shared/period";
import { useFilters } from "../shared/search";
import { parts, tooShort } from "./words";

type Line = Schemas["SaidLine"];

/** Looks through everything that was said; each line leads to its second in the recording. */
export default function SearchPage() {
  const { t } = useTranslation();
  const [filters, set] = useFilters();
  const { q, queue, agent } = filters;
  return (
    <>
      <PageTitle titleKey="nav.search" />
      <Ask key={q} q={q ?? ""} ask={(text) => set({ q: text || undefined })} />
      <FilterBar filters={filters} set={set}>
        <PeriodPick filters={filters} set={set} usual="month" />
        <Pick
          name="role"
          label={t("search.role")}
          choices={["agent", "caller"].map((r) => ({ value: r, label: t(`transcript.role.${r}`) }))}
          filters={filters}
          set={set}
        />
        <QueuePick filters={filters} set={set} />
        <AgentPick filters={filters} set={set} />
      </FilterBar>
      {q ? (
        <Found
          q={q}
          query={{ ...rangeOf(filters, "month", Date.now()), q, queue, agent, role: roleOf(filters.role) }}
        />
      ) : (
        <Empty title={t("search.begin.title")} hint={t("search.begin.hint")} />
      )}
    </>
  );
}

function roleOf(role: string | undefined): "agent" | "caller" | undefined {
  return role === "agent" || role === "caller" ? role : undefined;
}

function Ask({ q, ask }: { q: string; ask: (q: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(q);
  const [short, setShort] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const press = (e: KeyboardEvent) => {
      if (e.key !== "/" || (e.target as HTMLElement).closest("input, textarea, select")) return;
      e.preventDefault();
      input.current?.select();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        const wrong = tooShort(text);
        setShort(wrong);
        if (!wrong) ask(text.trim());
      }}
    >
      <Group gap="xs" mb="sm" align="flex-start">
        <TextInput
          ref={input}
          type="search"
          flex="1 1 16rem"
          maw={480}
          autoFocus={!q}
          aria-label={t("search.words")}
          placeholder={t("search.placeholder")}
          description={t("search.help")}
          inputWrapperOrder={["input", "description", "error"]}
          maxLength={100}
          value={text}
          onChange={(e) => setText(e.currentTarget.value)}
          error={short && t("search.too_short")}
          data-testid="search-words"
        />
        <Button type="submit" leftSection={<IconSearch size={16} aria-hidden />}>
          {t("search.find")}
        </Button>
      </Group>
    </form>
  );
}

type Query = { q: string; from?: string; to?: string; queue?: string; agent?: string; role?: "agent" | "caller" };

function Found({ q, query }: { q: string; query: Query }) {
  const { t, i18n } = useTranslation();
  const names = useNames();
  const list = useList<Line>(["search", query], (after) =>
    got(api.GET("/api/v1/quality/search", { params: { query: { ...query, after } } })),
  );
  const keep = () =>
    download(
      `${t("search.file")}-${q}.csv`,
      csv([
        [t("search.at"), t("search.role"), t("search.text"), t("filter.agent"), t("filter.queue"), "leg", "s"],
        ...list.rows.map((l) => [
          dateTime(l.at, i18n.language),
          t(`transcript.role.${l.role}`),
          l.text,
          l.agent_name,
          names.queue(l.queue_id),
          l.leg,
          (l.start_ms / 1000).toFixed(1),
        ]),
      ]),
    );
  return (
    <>
      {list.rows.length > 0 && (
        <Group justify="flex-end" mb="xs">
          <Button size="xs" variant="default" leftSection={<IconDownload size={14} aria-hidden />} onClick={keep}>
            {t("search.export", { count: list.rows.length })}
          </Button>
        </Group>
      )}
      <Listing
        label={t("nav.search")}
        list={list}
        columns={columns(t, i18n.language, names, q)}
        rowKey={(l) => `${l.leg} ${l.n}`}
        opens
        empty={{ title: t("search.empty.title"), hint: t("search.empty.hint") }}
      />
    </>
  );
}

function columns(t: (key: string) => string, lang: string, names: Names, q: string): Column<Line>[] {
  return [
    {
      key: "at",
      label: t("search.at"),
      cell: (l) => (
        <Anchor
          size="sm"
          renderRoot={(p) => (
            <Link to="/recordings/$leg" params={{ leg: l.leg }} search={{ t: l.start_ms / 1000 } as never} {...p} />
          )}
        >
          {dateTime(l.at, lang)}
        </Anchor>
      ),
    },
    { key: "second", label: t("search.second"), figure: true, cell: (l) => duration(l.start_ms / 1000) },
    { key: "role", label: t("search.role"), cell: (l) => t(`transcript.role.${l.role}`) },
    {
      key: "text",
      label: t("search.text"),
      cell: (l) => (
        <Text size="sm" component="span" className="prose">
          {parts(l.text, q).map((p) => (p.found ? <Mark key={p.at}>{p.text}</Mark> : p.text))}
        </Text>
      ),
    },
    { key: "agent", label: t("filter.agent"), cell: (l) => l.agent_name },
    { key: "queue", label: t("filter.queue"), cell: (l) => names.queue(l.queue_id) || "–" },
  ];
}
