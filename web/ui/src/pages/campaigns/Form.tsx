import { Fieldset, NumberInput, Select, SimpleGrid, Switch, Textarea, TextInput } from "@mantine/core";
import { type UseFormReturnType, useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, got } from "../../api/client";
import { fieldErrors } from "../../components/problem";
import { named } from "../../i18n";
import { EditForm } from "../admin/EditForm";
import { calendarsQuery } from "../hours/hours";
import { type Campaign, optionsQuery, readHours, type Settings } from "./campaigns";
import { useCampaignChange } from "./save";

type Values = Omit<Settings, "hours"> & { hours: string };
type Form = UseFormReturnType<Values>;

const pauses = ["busy", "no_answer", "machine", "failed"] as const;

/** A day in so many days, as the form's date fields write it. */
function day(ahead: number): string {
  return new Date(Date.now() + ahead * 86_400_000 + 8 * 3_600_000).toISOString().slice(0, 10);
}

function start(campaign?: Campaign): Values {
  if (!campaign)
    return {
      name: "",
      survey: "",
      way: "outbound",
      audience: "",
      list_rule: "",
      from: day(0),
      to: day(14),
      lang: "zh-TW",
      calendar: "",
      hours: "09:00-12:00, 13:30-21:00",
      most: 3,
      ring: 25,
      at_once: 5,
      per_second: 1,
      detect: true,
      rest_days: 30,
      pauses: { busy: 10, no_answer: 60, machine: 120, failed: 10 },
    };
  const {
    id,
    state,
    trouble,
    zone,
    created_by,
    started_at,
    ended_at,
    erased_at,
    contacts,
    reached,
    answered,
    counts,
    open,
    ...own
  } = campaign;
  return { ...own, hours: own.hours.join(", ") };
}

/** A campaign that is made or changed. */
export function CampaignForm(props: { campaign?: Campaign; close: () => void; saved?: (c: Campaign) => void }) {
  const { t } = useTranslation();
  const { campaign } = props;
  const form = useForm<Values>({
    initialValues: start(campaign),
    validate: {
      name: (v) => (v.trim() ? null : t("fault.required")),
      survey: (v) => (v ? null : t("fault.required")),
      rest_days: (v) => (Number.isInteger(v) && v >= 0 && v <= 3650 ? null : t("campaigns.form.bad_rest_days")),
      to: (v, all) => (v < all.from ? t("campaigns.form.order") : null),
      hours: (v, all) => {
        const spans = readHours(v);
        return spans === null || (all.way === "outbound" && all.calendar === "" && spans.length === 0)
          ? t("campaigns.form.bad_hours")
          : null;
      },
    },
  });
  const save = useCampaignChange(
    async (values: Values) => {
      const body = { ...values, hours: readHours(values.hours) ?? [] };
      try {
        return await (campaign
          ? got(api.PUT("/api/v1/campaigns/{campaign}", { params: { path: { campaign: campaign.id } }, body }))
          : got(api.POST("/api/v1/campaigns", { body })));
      } catch (e) {
        form.setErrors(fieldErrors(e, t));
        throw e;
      }
    },
    "campaigns.said.saved",
    (c) => {
      form.resetDirty();
      props.close();
      props.saved?.(c);
    },
  );
  return (
    <EditForm
      title={t(campaign ? "campaigns.edit" : "campaigns.add")}
      form={form}
      close={props.close}
      save={save.mutate}
      busy={save.isPending}
    >
      <What form={form} fixed={(campaign?.contacts ?? 0) > 0} />
      {form.values.way === "outbound" && <How form={form} />}
    </EditForm>
  );
}

/** Whom it is for, when, and what they are asked. */
function What({ form, fixed }: { form: Form; fixed: boolean }) {
  const { t } = useTranslation();
  const { data } = useQuery(optionsQuery);
  const surveys = [...new Set([...(data?.surveys ?? []), form.values.survey])].filter(Boolean);
  return (
    <>
      <TextInput
        label={t("campaigns.form.name")}
        required
        data-autofocus
        data-testid="campaign-name"
        maxLength={100}
        {...form.getInputProps("name")}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <Select
          label={t("campaigns.form.survey")}
          required
          data-testid="campaign-survey"
          disabled={fixed}
          data={surveys}
          allowDeselect={false}
          {...form.getInputProps("survey")}
        />
        <Select
          label={t("campaigns.form.way")}
          disabled={fixed}
          data={(["outbound", "link"] as const).map((w) => ({ value: w, label: t(`campaigns.way.${w}`) }))}
          allowDeselect={false}
          {...form.getInputProps("way")}
        />
        <TextInput type="date" label={t("campaigns.form.from")} required {...form.getInputProps("from")} />
        <TextInput type="date" label={t("campaigns.form.to")} required {...form.getInputProps("to")} />
      </SimpleGrid>
      <Textarea
        label={t("campaigns.form.audience")}
        placeholder={t("campaigns.form.audience_hint")}
        autosize
        maxLength={500}
        {...form.getInputProps("audience")}
      />
      <Textarea
        label={t("campaigns.form.list_rule")}
        placeholder={t("campaigns.form.list_rule_hint")}
        autosize
        maxLength={500}
        {...form.getInputProps("list_rule")}
      />
      <NumberInput
        label={t("campaigns.form.rest_days")}
        description={t("campaigns.form.rest_days_hint")}
        data-testid="campaign-rest-days"
        min={0}
        max={3650}
        allowDecimal={false}
        {...form.getInputProps("rest_days")}
      />
      <Select
        label={t("campaigns.form.lang")}
        description={t("campaigns.form.lang_hint")}
        data={[
          { value: "zh-TW", label: "中文" },
          { value: "en", label: "English" },
        ]}
        allowDeselect={false}
        {...form.getInputProps("lang")}
      />
    </>
  );
}

/** When and how fast it calls. */
function How({ form }: { form: Form }) {
  const { t } = useTranslation();
  const { data } = useQuery(calendarsQuery);
  const calendars = (data?.items ?? []).map((c) => ({ value: c.name, label: named(c) }));
  const number = (name: "most" | "ring" | "at_once", min: number, max: number) => (
    <NumberInput
      label={t(`campaigns.form.${name}`)}
      min={min}
      max={max}
      allowDecimal={false}
      {...form.getInputProps(name)}
    />
  );
  return (
    <Fieldset legend={t("campaigns.form.calls")}>
      <Select
        label={t("campaigns.form.hours_of")}
        data={[{ value: "", label: t("campaigns.form.own_hours") }, ...calendars]}
        allowDeselect={false}
        {...form.getInputProps("calendar")}
      />
      {form.values.calendar === "" && (
        <TextInput
          mt="xs"
          label={t("campaigns.form.hours")}
          description={t("campaigns.form.hours_hint")}
          {...form.getInputProps("hours")}
        />
      )}
      <SimpleGrid cols={{ base: 1, xs: 2 }} mt="xs">
        {number("most", 1, 10)}
        {number("ring", 3, 120)}
        {number("at_once", 1, 500)}
        <NumberInput
          label={t("campaigns.form.per_second")}
          min={0.1}
          max={50}
          step={0.5}
          decimalScale={2}
          {...form.getInputProps("per_second")}
        />
      </SimpleGrid>
      <Switch
        mt="sm"
        label={t("campaigns.form.detect")}
        description={t("campaigns.form.detect_hint")}
        {...form.getInputProps("detect", { type: "checkbox" })}
      />
      <Fieldset legend={t("campaigns.form.pauses")} mt="sm">
        <SimpleGrid cols={2}>
          {pauses.map((r) => (
            <NumberInput
              key={r}
              label={t(`campaigns.result.${r}`)}
              min={0}
              max={20160}
              allowDecimal={false}
              {...form.getInputProps(`pauses.${r}`)}
            />
          ))}
        </SimpleGrid>
      </Fieldset>
    </Fieldset>
  );
}
