import { TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { EditForm } from "../admin/EditForm";
import { useHoursChange } from "./save";

/** What most offices have; it is changed in the grid afterwards. */
const usual = ["09:00-18:00"];

export function NewCalendar({ close, added }: { close: () => void; added: (name: string) => void }) {
  const { t } = useTranslation();
  const required = (v: string) => (v.trim() ? null : t("fault.required"));
  const form = useForm({
    initialValues: { name: "", name_zh: "", name_en: "" },
    validate: {
      name: (v: string) => (/^[a-z][a-z0-9-]{0,39}$/.test(v) ? null : t("hours.name_hint")),
      name_zh: required,
      name_en: required,
    },
  });
  const save = useHoursChange(
    async ({ name, ...names }: typeof form.values) => {
      await api.PUT("/api/v1/calendars/{name}", {
        params: { path: { name } },
        body: {
          ...names,
          week: [[], usual, usual, usual, usual, usual, []],
          make_up: usual,
          holiday: [],
          office: true,
        },
      });
      added(name);
    },
    "hours.day.saved",
    close,
  );
  return (
    <EditForm title={t("hours.add")} form={form} close={close} save={save.mutate} busy={save.isPending}>
      <TextInput
        label={t("hours.name")}
        description={t("hours.name_hint")}
        required
        data-autofocus
        {...form.getInputProps("name")}
      />
      <TextInput label={t("hours.name_zh")} required {...form.getInputProps("name_zh")} />
      <TextInput label={t("hours.name_en")} required {...form.getInputProps("name_en")} />
    </EditForm>
  );
}
