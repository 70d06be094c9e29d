import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../../api/client";
import { problemText } from "../../../components/problem";

/** Puts the draft live, with a note of what has changed and why. */
export function Publish(props: { draft: Schemas["TextVersion"]; done: () => Promise<unknown>; close: () => void }) {
  const { t } = useTranslation();
  const [note, setNote] = useState(props.draft.note);
  const publish = useMutation({
    mutationFn: () =>
      got(api.POST("/api/v1/scorecards/draft/publish", { body: { saved: props.draft.created_at, note: note.trim() } })),
    onSuccess: async (v) => {
      notifications.show({ message: t("scorecard.published", { version: v.version }) });
      await props.done();
      props.close();
    },
  });
  const problem = publish.error ? problemText(publish.error, t) : null;
  return (
    <Modal opened onClose={props.close} title={t("card.publish")}>
      <Stack gap="sm">
        <Text size="sm">{t("card.publish_hint")}</Text>
        <Textarea
          label={t("scorecard.note")}
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
            {t("card.cancel")}
          </Button>
          <Button
            size="xs"
            disabled={note.trim() === ""}
            loading={publish.isPending}
            onClick={() => publish.mutate()}
            data-testid="publish"
          >
            {t("scorecard.publish")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
