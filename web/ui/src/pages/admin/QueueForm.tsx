import { NumberInput, SimpleGrid, Switch, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "../../api/client";
import { EditForm } from "./EditForm";
import { Members } from "./Members";
import { useSave } from "./save";

type Queue = Schemas["ServedQueue"];
/** An empty figure means the usual one. */
type Figure = number | "";
type Values = {
  id: string;
  name_zh: string;
  name_en: string;
  ring_s: Figure;
  wrap_up_s: Figure;
  longest_wait_s: Figure;
  service_level_s: Figure;
  position: Figure;
  active: boolean;
  members: string[];
};

const figures = ["ring", "wrap_up", "longest_wait", "service_level"] as const;

function valuesOf(q: Queue | undefined): Values {
  return {
    id: q?.id ?? "",
    name_zh: q?.name_zh ?? "",
    name_en: q?.name_en ?? "",
    ring_s: q?.ring_s ?? "",
    wrap_up_s: q?.wrap_up_s ?? "",
    longest_wait_s: q?.longest_wait_s ?? "",
    service_level_s: q?.service_level_s ?? "",
    position: q?.position ?? "",
    active: q?.active ?? true,
    members: q?.members ?? [],
  };
}

/** Adds a queue, or changes one, and sets who serves it. */
export function QueueForm({ queue, close }: { queue?: Queue; close: () => void }) {
  const { t } = useTranslation();
  const required = (v: string) => (v.trim() ? null : t("fault.required"));
  const form = useForm<Values>({
    initialValues: valuesOf(queue),
    validate: { id: required, name_zh: required, name_en: required },
  });
  const save = useSave({
    form,
    done: close,
    act: async ({ id, members, ...v }: Values) => {
      const params = { path: { id } };
      const body = {
        ...v,
        ring_s: v.ring_s || 0,
        wrap_up_s: v.wrap_up_s || 0,
        longest_wait_s: v.longest_wait_s || 0,
        service_level_s: v.service_level_s || 0,
        position: v.position || 0,
      };
      await api.PUT("/api/v1/queues/{id}", { params, body });
      if (form.isDirty("members")) await api.PUT("/api/v1/queues/{id}/members", { params, body: { members } });
    },
  });
  return (
    <EditForm
      title={queue ? t("admin.queue.title", { name: queue.name_zh }) : t("admin.queue.title_new")}
      form={form}
      close={close}
      save={(v) => save.mutate(v)}
      busy={save.isPending}
    >
      <TextInput
        label={t("admin.queue.id")}
        description={queue ? undefined : t("admin.queue.id_hint")}
        disabled={queue !== undefined}
        required
        {...form.getInputProps("id")}
      />
      <SimpleGrid cols={2}>
        <TextInput label={t("admin.queue.name_zh")} required {...form.getInputProps("name_zh")} />
        <TextInput label={t("admin.queue.name_en")} required {...form.getInputProps("name_en")} />
        {figures.map((f) => (
          <NumberInput
            key={f}
            label={t(`admin.queue.${f}`)}
            placeholder={t("admin.queue.usual_hint")}
            min={0}
            allowDecimal={false}
            hideControls
            {...form.getInputProps(`${f}_s`)}
          />
        ))}
        <NumberInput
          label={t("admin.order")}
          min={0}
          max={10000}
          allowDecimal={false}
          hideControls
          {...form.getInputProps("position")}
        />
        <Switch label={t("admin.active")} mt={30} {...form.getInputProps("active", { type: "checkbox" })} />
      </SimpleGrid>
      <Members value={form.values.members} set={(members) => form.setFieldValue("members", members)} />
    </EditForm>
  );
}
