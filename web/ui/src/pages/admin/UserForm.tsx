import { MultiSelect, NativeSelect, PasswordInput, Switch, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "../../api/client";
import { useDirectory } from "../../app/session";
import { named } from "../../i18n";
import { EditForm } from "./EditForm";
import { queries } from "./parts";
import { useSave } from "./save";

type User = Schemas["User"];
type New = Schemas["NewUserInputBody"];
type Values = Required<Omit<New, "$schema">> & { active: boolean };

const roles = ["agent", "supervisor", "qa", "admin"] as const;
const scopes = ["own", "team", "all"] as const;
const least = 10;

function valuesOf(user: User | undefined): Values {
  return {
    login: user?.login ?? "",
    name: user?.name ?? "",
    password: "",
    role: (user?.role ?? "agent") as Values["role"],
    scope: (user?.scope ?? "own") as Values["scope"],
    team_id: user?.team_id ?? "",
    lang: (user?.lang || "zh-TW") as Values["lang"],
    queues: user?.queues ?? [],
    active: user?.active ?? true,
  };
}

/** Adds a person, or changes one. */
export function UserForm({ user, close }: { user?: User; close: () => void }) {
  const { t } = useTranslation();
  const teams = useQuery(queries.teams).data?.items ?? [];
  const queues = useDirectory().data?.queues ?? [];
  const form = useForm<Values>({
    initialValues: valuesOf(user),
    validate: {
      login: (v) => (v.trim() ? null : t("fault.required")),
      name: (v) => (v.trim() ? null : t("fault.required")),
      password: (v) => (user || [...v].length >= least ? null : t("admin.user.password_hint")),
      team_id: (v, all) => (all.scope === "team" && !v ? t("fault.team_needed") : null),
    },
  });
  const save = useSave({
    form,
    done: close,
    act: ({ active, login, password, ...shared }: Values) =>
      user
        ? api.PATCH("/api/v1/users/{id}", { params: { path: { id: user.id } }, body: { ...shared, active } })
        : api.POST("/api/v1/users", { body: { ...shared, login, password } }),
  });
  const options = (names: readonly string[], prefix: string) =>
    names.map((value) => ({ value, label: t(`${prefix}.${value}`) }));
  return (
    <EditForm
      title={user ? t("admin.user.title", { name: user.name }) : t("admin.user.title_new")}
      form={form}
      close={close}
      save={(v) => save.mutate(v)}
      busy={save.isPending}
    >
      <TextInput
        label={t("admin.user.login")}
        description={user ? undefined : t("admin.user.login_hint")}
        autoComplete="off"
        disabled={user !== undefined}
        required
        {...form.getInputProps("login")}
      />
      <TextInput label={t("admin.user.name")} autoComplete="off" required {...form.getInputProps("name")} />
      {!user && (
        <PasswordInput
          label={t("admin.user.password")}
          description={t("admin.user.password_hint")}
          autoComplete="new-password"
          required
          {...form.getInputProps("password")}
        />
      )}
      <NativeSelect label={t("admin.user.role")} data={options(roles, "role")} {...form.getInputProps("role")} />
      <NativeSelect
        label={t("admin.user.scope")}
        data={options(scopes, "admin.user.scopes")}
        {...form.getInputProps("scope")}
      />
      <NativeSelect
        label={t("admin.user.team")}
        data={[{ value: "", label: t("admin.user.no_team") }, ...teams.map((m) => ({ value: m.id, label: m.name }))]}
        {...form.getInputProps("team_id")}
      />
      <MultiSelect
        label={t("admin.user.queues")}
        data={queues.map((q) => ({ value: q.id, label: named(q) }))}
        {...form.getInputProps("queues")}
      />
      <NativeSelect
        label={t("admin.user.lang")}
        data={[
          { value: "zh-TW", label: "繁體中文" },
          { value: "en", label: "English" },
        ]}
        {...form.getInputProps("lang")}
      />
      {user && (
        <Switch
          label={t("admin.active")}
          description={t("admin.user.deactivate_hint")}
          {...form.getInputProps("active", { type: "checkbox" })}
        />
      )}
    </EditForm>
  );
}
