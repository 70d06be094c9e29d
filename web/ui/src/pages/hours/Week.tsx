import { Button, Checkbox, Group, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { named } from "../../i18n";
import { type Calendar, hoursText, parseHours, place } from "./hours";
import { useHoursChange } from "./save";

type Values = {
  name_zh: string;
  name_en: string;
  zone: string;
  office: boolean;
  /** Monday to Sunday, then make-up days, then holidays. */
  rows: string[];
};

/** Monday first, as Taiwan's calendars hang in offices. */
const weekOrder = [1, 2, 3, 4, 5, 6, 0];

const valuesOf = (c: Calendar): Values => ({
  name_zh: c.name_zh,
  name_en: c.name_en,
  zone: c.zone,
  office: c.office,
  rows: [...weekOrder.map((d) => hoursText(c.week[d])), hoursText(c.make_up), hoursText(c.holiday)],
});

/** The week as a grid of 24 hours, with the hours of make-up days and holidays beneath. */
export function Week({ calendar }: { calendar: Calendar }) {
  const { t } = useTranslation();
  const form = useForm<Values>({
    initialValues: valuesOf(calendar),
    validate: {
      name_zh: (v) => (v.trim() ? null : t("fault.required")),
      name_en: (v) => (v.trim() ? null : t("fault.required")),
      rows: (rows) => (rows.every((r) => parseHours(r)) ? null : t("hours.spans_wrong")),
    },
  });
  const save = useHoursChange(
    (v: Values) => {
      const hours = v.rows.map((r) => parseHours(r) ?? []);
      const week = [6, 0, 1, 2, 3, 4, 5].map((row) => hours[row] ?? []);
      return api.PUT("/api/v1/calendars/{name}", {
        params: { path: { name: calendar.name } },
        body: {
          name_zh: v.name_zh,
          name_en: v.name_en,
          zone: v.zone,
          office: v.office,
          week,
          make_up: hours[7] ?? [],
          holiday: hours[8] ?? [],
        },
      });
    },
    "hours.day.saved",
    () => form.resetDirty(),
  );
  const remove = useHoursChange(
    () => api.DELETE("/api/v1/calendars/{name}", { params: { path: { name: calendar.name } } }),
    "hours.removed",
  );
  const names = t("hours.days", { returnObjects: true }) as unknown as string[];
  const labels = [...weekOrder.map((d) => names[d] ?? ""), t("hours.make_up"), t("hours.holiday")];
  return (
    <form onSubmit={form.onSubmit((v) => save.mutate(v))} noValidate>
      <Stack gap="xs">
        <Group align="flex-end">
          <TextInput size="xs" label={t("hours.name_zh")} required {...form.getInputProps("name_zh")} />
          <TextInput size="xs" label={t("hours.name_en")} required {...form.getInputProps("name_en")} />
          <TextInput size="xs" label={t("hours.zone")} {...form.getInputProps("zone")} />
          <Checkbox mb={6} label={t("hours.follow")} {...form.getInputProps("office", { type: "checkbox" })} />
        </Group>
        <Text size="sm" c="dimmed">
          {t("hours.spans_hint")}
        </Text>
        <div className="week-grid" data-testid="week">
          <span className="week-head" />
          <span className="week-head" />
          <Scale />
          {labels.map((label, row) => (
            <Row
              key={label}
              label={label}
              off={row > 6 && !form.values.office}
              value={form.values.rows[row] ?? ""}
              change={(v) => form.setFieldValue(`rows.${row}`, v)}
            />
          ))}
        </div>
        <Group>
          <Button type="submit" loading={save.isPending} disabled={!form.isDirty()}>
            {t("hours.save")}
          </Button>
          <Text size="sm" c="dimmed">
            {t("admin.at_once")}
          </Text>
          {calendar.flows.length === 0 && (
            <Button
              variant="subtle"
              color="red"
              loading={remove.isPending}
              onClick={() =>
                window.confirm(t("hours.remove_sure", { name: named(calendar) })) && remove.mutate(undefined)
              }
            >
              {t("hours.remove")}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

function Scale() {
  return (
    <div className="week-scale" aria-hidden>
      {[0, 6, 12, 18, 24].map((h) => (
        <span key={h} style={{ left: `${(h / 24) * 100}%` }}>
          {h}
        </span>
      ))}
    </div>
  );
}

function Row(props: { label: string; off: boolean; value: string; change: (v: string) => void }) {
  const { t } = useTranslation();
  const spans = parseHours(props.value);
  return (
    <>
      <Text size="sm" c={props.off ? "dimmed" : undefined}>
        {props.label}
      </Text>
      <TextInput
        size="xs"
        aria-label={props.label}
        placeholder={t("hours.closed_all_day")}
        disabled={props.off}
        value={props.value}
        error={spans ? null : t("hours.spans_wrong")}
        onChange={(e) => props.change(e.currentTarget.value)}
      />
      <div className="week-bar" aria-hidden>
        {!props.off &&
          spans?.map((s) => {
            const { left, width } = place(s);
            return width > 0 ? <span key={s} style={{ left: `${left}%`, width: `${width}%` }} /> : null;
          })}
      </div>
    </>
  );
}
