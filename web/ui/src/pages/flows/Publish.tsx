import { Alert, Button, Checkbox, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got } from "../../api/client";
import { problemText } from "../../components/problem";
import type { Fault } from "./Faults";
import { Spoken } from "./Sounds";

/** Puts the draft live, with a note of what has changed and why. */
export function Publish(props: {
  kind: string;
  name: string;
  saved: string;
  yaml: string;
  warnings: Fault[];
  close: () => void;
  done: () => Promise<void>;
}) {
  const { t } = useTranslation();
  const [note, setNote] = useState("");
  const [spoken, setSpoken] = useState({ done: false, silent: 0 });
  const [anyway, setAnyway] = useState(false);
  const publish = useMutation({
    mutationFn: () =>
      got(
        api.POST("/api/v1/flows/{kind}/{name}/draft/publish", {
          params: { path: { kind: props.kind as "flow", name: props.name } },
          body: { saved: props.saved, note: note.trim() },
        }),
      ),
    onSuccess: (v) => {
      notifications.show({ message: t("flows.publish.done", { n: v.version }) });
      return props.done();
    },
  });
  const problem = publish.error ? problemText(publish.error, t) : null;
  return (
    <Modal
      opened
      closeButtonProps={{ "aria-label": t("flows.publish.cancel") }}
      onClose={props.close}
      title={t("flows.publish.title")}
    >
      <Stack gap="sm">
        <Text size="sm" className="prose">
          {t("flows.publish.explained")}
        </Text>
        {props.warnings.length > 0 && (
          <Alert color="orange" variant="light" p="xs" icon={<IconAlertTriangle aria-hidden />}>
            {t("flows.warnings_n", { count: props.warnings.length })}
          </Alert>
        )}
        <Spoken yaml={props.yaml} ready={(done, silent) => setSpoken({ done, silent })} />
        {spoken.silent !== 0 && (
          <Checkbox
            size="xs"
            label={t("flows.publish.anyway")}
            checked={anyway}
            onChange={(e) => setAnyway(e.currentTarget.checked)}
          />
        )}
        <Textarea
          label={t("flows.publish.note")}
          required
          autosize
          minRows={2}
          maxLength={500}
          value={note}
          onChange={(e) => setNote(e.currentTarget.value)}
          data-autofocus
          data-testid="publish-note"
        />
        {problem && (
          <Text size="sm" c="red" role="alert">
            {problem.title}：{problem.remedy}
          </Text>
        )}
        <Group justify="flex-end" gap="xs">
          <Button size="xs" variant="default" onClick={props.close}>
            {t("flows.publish.cancel")}
          </Button>
          <Button
            size="xs"
            disabled={note.trim() === "" || !spoken.done || (spoken.silent !== 0 && !anyway)}
            loading={publish.isPending}
            onClick={() => publish.mutate()}
            data-testid="publish"
          >
            {t("flows.publish.do")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
