import { Button, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "../../api/client";
import { can, useMe } from "../../app/session";
import type { Column } from "../shared/DataTable";
import { Listing } from "../shared/Listing";
import { EditForm } from "./EditForm";
import { Bar, Open, queries, useWhole } from "./parts";
import { useSave } from "./save";

type Team = Schemas["Team"];

/** Teams; only whose scope covers all may change them. */
export function Teams() {
  const { t } = useTranslation();
  const may = can(useMe(), "site");
  const list = useWhole<Team>(queries.teams);
  const users = useQuery(queries.users).data?.items ?? [];
  const [edited, edit] = useState<Team | "new" | null>(null);
  const members = (team: Team) => users.filter((u) => u.team_id === team.id).length;
  const remove = useSave<Team>({
    said: "removed",
    act: (team) => api.DELETE("/api/v1/teams/{id}", { params: { path: { id: team.id } } }),
  });
  const columns: Column<Team>[] = [
    {
      key: "name",
      label: t("admin.team.name"),
      cell: (m) => (may ? <Open name={m.name} open={() => edit(m)} /> : m.name),
      sort: (m) => m.name,
    },
    { key: "members", label: t("admin.team.members"), figure: true, cell: members, sort: members },
    {
      key: "actions",
      label: t("admin.actions"),
      cell: (m) => (
        <Button
          size="compact-xs"
          variant="default"
          disabled={!may || members(m) > 0}
          title={members(m) > 0 ? t("problem.in_use.remedy") : undefined}
          onClick={() => remove.mutate(m)}
        >
          {t("admin.remove")}
        </Button>
      ),
    },
  ];
  return (
    <>
      <Bar add={may ? () => edit("new") : undefined} />
      <Listing
        label={t("admin.tabs.teams")}
        list={list}
        columns={columns}
        rowKey={(m) => m.id}
        opens={may}
        empty={{ title: t("admin.team.empty"), hint: t("admin.team.empty_hint") }}
      />
      {edited && <TeamForm team={edited === "new" ? undefined : edited} close={() => edit(null)} />}
    </>
  );
}

function TeamForm({ team, close }: { team?: Team; close: () => void }) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { name: team?.name ?? "" },
    validate: { name: (v) => (v.trim() ? null : t("fault.required")) },
  });
  const save = useSave({
    form,
    done: close,
    act: (body: { name: string }) =>
      team
        ? api.PATCH("/api/v1/teams/{id}", { params: { path: { id: team.id } }, body })
        : api.POST("/api/v1/teams", { body }),
  });
  return (
    <EditForm
      title={team ? t("admin.team.title", { name: team.name }) : t("admin.team.title_new")}
      form={form}
      close={close}
      save={(v) => save.mutate(v)}
      busy={save.isPending}
    >
      <TextInput label={t("admin.team.name")} required data-autofocus {...form.getInputProps("name")} />
    </EditForm>
  );
}
