import { Button, Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import type { Column } from "../shared/DataTable";
import { Listing } from "../shared/Listing";
import { useNames } from "../shared/lists";
import { PasswordForm } from "./PasswordForm";
import { ActiveSign, Bar, Open, queries, useWhole } from "./parts";
import { UserForm } from "./UserForm";

type User = Schemas["User"];

/** People: who they are, what they see, whom they serve. */
export function Users() {
  const { t } = useTranslation();
  const names = useNames();
  const list = useWhole<User>(queries.users);
  const [text, setText] = useState("");
  const [all, setAll] = useState(false);
  const [edited, edit] = useState<User | "new" | null>(null);
  const [locked, lock] = useState<User | null>(null);
  const wanted = text.trim().toLowerCase();
  const rows = list.rows.filter(
    (u) => (all || u.active) && (u.name.toLowerCase().includes(wanted) || u.login.includes(wanted)),
  );
  const columns: Column<User>[] = [
    {
      key: "name",
      label: t("admin.user.name"),
      cell: (u) => <Open name={u.name} open={() => edit(u)} />,
      sort: (u) => u.name,
    },
    { key: "login", label: t("admin.user.login"), cell: (u) => u.login, sort: (u) => u.login },
    { key: "role", label: t("admin.user.role"), cell: (u) => t(`role.${u.role}`), sort: (u) => u.role },
    { key: "scope", label: t("admin.user.scope"), cell: (u) => t(`admin.user.scopes.${u.scope}`) },
    {
      key: "team",
      label: t("admin.user.team"),
      cell: (u) => names.team(u.team_id) || "–",
      sort: (u) => names.team(u.team_id),
    },
    { key: "queues", label: t("admin.user.queues"), cell: (u) => u.queues?.map(names.queue).join("、") || "–" },
    { key: "lang", label: t("admin.user.lang"), cell: (u) => (u.lang === "en" ? "English" : "繁體中文") },
    { key: "active", label: t("admin.user.state"), cell: (u) => <ActiveSign active={u.active} /> },
    {
      key: "actions",
      label: t("admin.actions"),
      cell: (u) => (
        <Button size="compact-xs" variant="default" onClick={() => lock(u)}>
          {t("admin.user.set_password")}
        </Button>
      ),
    },
  ];
  return (
    <>
      <Bar add={() => edit("new")}>
        <TextInput
          size="xs"
          type="search"
          label={t("admin.find")}
          placeholder={t("admin.user.find_hint")}
          value={text}
          onChange={(e) => setText(e.currentTarget.value)}
        />
        <Switch
          mb={6}
          size="sm"
          label={t("admin.user.show_inactive")}
          checked={all}
          onChange={(e) => setAll(e.currentTarget.checked)}
        />
      </Bar>
      <Listing
        label={t("admin.tabs.users")}
        list={{ ...list, rows }}
        columns={columns}
        rowKey={(u) => u.id}
        opens
        rowClass={(u) => (u.active ? undefined : "off")}
        empty={{ title: t("admin.user.empty"), hint: t("admin.user.empty_hint") }}
      />
      {edited && <UserForm user={edited === "new" ? undefined : edited} close={() => edit(null)} />}
      {locked && <PasswordForm user={locked} close={() => lock(null)} />}
    </>
  );
}
