import { Button, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { date as dayText } from "../../lib/format";
import { EditForm } from "../admin/EditForm";
import { type Calendar, hoursText, parseHours, type Special } from "./hours";
import { useHoursChange } from "./save";

type Values = { name_zh: string; name_en: string; hours: string };

/** Closes on a day, gives it other hours, or gives it back to the calendar. */
export function DayForm(props: { calendar: Calendar; date: string; special?: Special; close: () => void }) {
  const { t, i18n } = useTranslation();
  const { calendar, date, special, close } = props;
  const own = calendar.days.find((d) => d.date === date);
  const form = useForm<Values>({
    initialValues: { name_zh: own?.name_zh ?? "", name_en: own?.name_en ?? "", hours: hoursText(own?.hours) },
    validate: {
      name_zh: (v) => (v.trim() ? null : t("fault.required")),
      hours: (v) => (parseHours(v) ? null : t("hours.spans_wrong")),
    },
  });
  const path = { name: calendar.name, day: date };
  const save = useHoursChange(
    (v: Values) =>
      api.PUT("/api/v1/calendars/{name}/days/{day}", {
        params: { path },
        body: { name_zh: v.name_zh, name_en: v.name_en, hours: parseHours(v.hours) ?? [] },
      }),
    "hours.day.saved",
    close,
  );
  const giveBack = useHoursChange(
    () => api.DELETE("/api/v1/calendars/{name}/days/{day}", { params: { path } }),
    "hours.day.saved",
    close,
  );
  return (
    <EditForm
      title={t("hours.day.title", { date: dayText(`${date}T12:00:00+08:00`, i18n.language) })}
      form={form}
      close={close}
      save={save.mutate}
      busy={save.isPending}
    >
      {special && special.kind !== "own" && (
        <Text size="sm">
          {t("hours.day.was", { name: special.name || t(`hours.year.legend.${special.kind}`) })} ·{" "}
          {hoursText(special.hours) || t("hours.closed_all_day")}
        </Text>
      )}
      <TextInput
        label={t("hours.day.name_zh")}
        required
        data-autofocus
        data-testid="own-day"
        {...form.getInputProps("name_zh")}
      />
      <TextInput label={t("hours.day.name_en")} {...form.getInputProps("name_en")} />
      <TextInput
        label={t("hours.spans")}
        description={t("hours.spans_hint")}
        placeholder={t("hours.closed_all_day")}
        {...form.getInputProps("hours")}
      />
      {own && (
        <Button variant="default" loading={giveBack.isPending} onClick={() => giveBack.mutate(undefined)}>
          {t("hours.day.give_back")}
        </Button>
      )}
    </EditForm>
  );
}
