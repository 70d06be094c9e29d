import { PasswordInput, Text } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "../../api/client";
import { EditForm } from "./EditForm";
import { useSave } from "./save";

const least = 10;

/** Gives somebody a new password. */
export function PasswordForm({ user, close }: { user: Schemas["User"]; close: () => void }) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { password: "" },
    validate: { password: (v) => ([...v].length >= least ? null : t("admin.user.password_hint")) },
  });
  const save = useSave({
    form,
    done: close,
    act: (body: { password: string }) =>
      api.PUT("/api/v1/users/{id}/password", { params: { path: { id: user.id } }, body }),
  });
  return (
    <EditForm
      title={t("admin.user.password_title", { name: user.name })}
      form={form}
      close={close}
      save={(v) => save.mutate(v)}
      busy={save.isPending}
    >
      <PasswordInput
        label={t("admin.user.password")}
        description={t("admin.user.password_hint")}
        autoComplete="new-password"
        required
        data-autofocus
        {...form.getInputProps("password")}
      />
      <Text size="sm">{t("admin.user.password_effect")}</Text>
    </EditForm>
  );
}
