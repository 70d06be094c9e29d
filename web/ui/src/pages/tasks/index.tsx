import { Checkbox, Kbd, NativeSelect, Text } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { useMe } from "../../app/session";
import { PageTitle } from "../../components/PageTitle";
import { Broken, Empty, Loading, TooMuch } from "../../components/States";
import { isTyping } from "../../lib/keys";
import { AgentPick, FilterBar, Pick, QueuePick } from "../shared/FilterBar";
import { type List, useList } from "../shared/lists";
import { useFilters } from "../shared/search";
import { TaskDetail } from "./Detail";
import { TaskItem } from "./TaskItem";
import "./tasks.css";

export type Task = Schemas["Task"];

const states = ["active", "open", "taken", "closed", "done", "dropped"] as const;
const kinds = ["callback", "follow-up", "message"] as const;

/** Every how many ms the list is read again: others take tasks, and callers leave new ones. */
const refresh = 15_000;

/** What people still have to do: the list, and the task that is open; all of it by keyboard. */
export default function TasksPage() {
  const { t } = useTranslation();
  const me = useMe();
  const [filters, set] = useFilters();
  const query = {
    state: states.find((s) => s === filters.state) ?? "active",
    kind: kinds.find((k) => k === filters.kind),
    queue: filters.queue,
    owner: filters.agent,
    call: filters.call,
  };
  const list = useList<Task>(
    ["tasks", "list", query],
    (after) => got(api.GET("/api/v1/tasks", { params: { query: { ...query, after } } })),
    refresh,
  );
  const current = Number(filters.task) || list.rows[0]?.id || 0;
  const detail = useRef<HTMLDivElement>(null);
  const open = (id: number) => set({ task: String(id) });
  const move = (by: number) => {
    const at = list.rows.findIndex((r) => r.id === current);
    const next = list.rows[Math.min(list.rows.length - 1, Math.max(0, at + by))];
    if (!next) return;
    open(next.id);
    document.getElementById(`task-${next.id}`)?.focus();
  };
  const press = (button: string) => detail.current?.querySelector<HTMLElement>(`[data-key="${button}"]`);
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    t: () => press("take")?.click(),
    d: () => press("outcome")?.focus(),
  });
  const filtered = Boolean(filters.state || filters.kind || filters.queue || filters.agent || filters.call);
  return (
    <>
      <PageTitle titleKey="nav.tasks" />
      <FilterBar filters={filters} set={set}>
        <NativeSelect
          size="xs"
          label={t("tasks.filter.state")}
          value={query.state}
          data={states.map((s) => ({ value: s, label: t(`tasks.states.${s}`) }))}
          onChange={(e) =>
            set({ state: e.currentTarget.value === "active" ? undefined : e.currentTarget.value, task: undefined })
          }
        />
        <Pick
          name="kind"
          label={t("tasks.filter.kind")}
          choices={kinds.map((k) => ({ value: k, label: t(`tasks.kind.${k}`) }))}
          filters={filters}
          set={set}
        />
        <QueuePick filters={filters} set={set} />
        {me.scope !== "own" && <AgentPick filters={filters} set={set} />}
        <Checkbox
          mb={6}
          size="sm"
          label={t("tasks.filter.mine")}
          checked={filters.agent === me.id}
          onChange={(e) => set({ agent: e.currentTarget.checked ? me.id : undefined, task: undefined })}
        />
      </FilterBar>
      <Text size="xs" c="dimmed" mb="xs" visibleFrom="md">
        <Kbd size="xs">J</Kbd> <Kbd size="xs">K</Kbd> {t("tasks.key.move")}　<Kbd size="xs">Enter</Kbd>{" "}
        {t("tasks.key.open")}　<Kbd size="xs">T</Kbd> {t("tasks.key.take")}　<Kbd size="xs">D</Kbd>{" "}
        {t("tasks.key.finish")}
      </Text>
      <div className="tasks">
        <TaskList
          list={list}
          current={current}
          filtered={filtered}
          open={(id) => {
            open(id);
            detail.current?.focus();
          }}
        />
        <div ref={detail} tabIndex={-1} className="task-detail">
          {current === 0 ? (
            list.rows.length > 0 && <Empty title={t("tasks.choose")} hint={t("tasks.choose_hint")} />
          ) : (
            <TaskDetail key={current} id={current} />
          )}
        </div>
      </div>
    </>
  );
}

function TaskList(props: { list: List<Task>; current: number; filtered: boolean; open: (id: number) => void }) {
  const { t } = useTranslation();
  const { list, filtered } = props;
  if (list.loading) return <Loading />;
  if (list.error && list.rows.length === 0) return <Broken error={list.error} retry={list.retry} />;
  if (list.rows.length === 0)
    return (
      <Empty
        title={t(filtered ? "tasks.empty_filtered" : "tasks.empty")}
        hint={t(filtered ? "tasks.empty_filtered_hint" : "tasks.empty_hint")}
      />
    );
  return (
    <section aria-label={t("tasks.list")} aria-busy={list.stale}>
      {list.error && <Broken error={list.error} retry={list.retry} />}
      <Text size="xs" c="dimmed" mb={6} role="status">
        {t("tasks.found", { n: list.more ? `${list.rows.length}+` : list.rows.length })}
      </Text>
      <div className="task-list">
        {list.rows.map((r) => (
          <TaskItem key={r.id} task={r} current={r.id === props.current} open={() => props.open(r.id)} />
        ))}
        {list.more && <TooMuch shown={list.rows.length} more={list.readMore} busy={list.loadingMore} />}
      </div>
    </section>
  );
}

/** Single letters that do something while nobody types. */
function useKeys(does: Record<string, () => void>) {
  const latest = useRef(does);
  latest.current = does;
  useEffect(() => {
    const press = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.altKey || e.metaKey || e.defaultPrevented || isTyping(e.target)) return;
      if ((e.target as HTMLElement).closest("[role=dialog], [role=listbox]")) return;
      const act = latest.current[e.key.toLowerCase()];
      if (!act) return;
      act();
      e.preventDefault();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}
