import { Alert, Button, Drawer, Group, Stack, Text } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { useBlocker } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

/** A form at the side of the list it belongs to. What was typed and not saved is not lost without a question. */
export function EditForm<V extends Record<string, unknown>>(props: {
  title: string;
  form: UseFormReturnType<V>;
  close: () => void;
  save: (values: V) => void;
  busy: boolean;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const dirty = props.form.isDirty();
  useBlocker({
    shouldBlockFn: () => !window.confirm(t("admin.unsaved")),
    enableBeforeUnload: () => dirty,
    disabled: !dirty || props.busy,
  });
  return (
    <Drawer
      opened
      onClose={() => (dirty ? setAsking(true) : props.close())}
      position="right"
      size="md"
      title={props.title}
      closeButtonProps={{ "aria-label": t("admin.cancel") }}
    >
      <form onSubmit={props.form.onSubmit(props.save)} noValidate>
        <Stack gap="sm">
          {props.children}
          <Text size="sm" c="dimmed">
            {t("admin.at_once")}
          </Text>
          {asking && dirty ? (
            <Alert color="yellow" role="alert" title={t("admin.unsaved_title")}>
              <Group gap="xs">
                <Button size="xs" onClick={() => setAsking(false)} data-autofocus>
                  {t("admin.keep")}
                </Button>
                <Button size="xs" variant="default" onClick={props.close}>
                  {t("admin.discard")}
                </Button>
              </Group>
            </Alert>
          ) : (
            <Group justify="flex-end">
              <Button variant="default" onClick={() => (dirty ? setAsking(true) : props.close())}>
                {t("admin.cancel")}
              </Button>
              <Button type="submit" loading={props.busy}>
                {t("admin.save")}
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Drawer>
  );
}
