import { Alert, Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { problemText } from "../../components/problem";

/** Puts the draft live, with a note of what has changed and why. */
export function Publish(props: { draft: Schemas["TextVersion"]; left: string[]; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [note, setNote] = useState(props.draft.note);
  const trials = useQuery({ queryKey: ["rules", "trials"], queryFn: () => got(api.GET("/api/v1/rules/trials")) });
  const tried = trials.data?.items.filter((x) => x.draft && x.state === "done").length ?? 0;
  const publish = useMutation({
    mutationFn: () =>
      got(api.POST("/api/v1/rules/draft/publish", { body: { saved: props.draft.created_at, note: note.trim() } })),
    onSuccess: async (v) => {
      notifications.show({ message: t("rules.publish.done", { version: v.version }) });
      await client.invalidateQueries({ queryKey: ["rules"] });
      void navigate({ to: "/rules/history" });
    },
  });
  const problem = publish.error ? problemText(publish.error, t) : null;
  return (
    <Modal opened onClose={props.close} title={t("rules.publish.title")}>
      <Stack gap="sm">
        {trials.data && tried === 0 && (
          <Alert color="orange" variant="light" p="xs" icon={<IconAlertTriangle aria-hidden />}>
            {t("rules.publish.untried")}
          </Alert>
        )}
        {tried > 0 && <Text size="sm">{t("rules.publish.tried", { n: tried })}</Text>}
        {props.left.length > 0 && (
          <Alert color="orange" variant="light" p="xs" icon={<IconAlertTriangle aria-hidden />}>
            {t("rules.publish.left", { n: props.left.length, list: props.left.join("、") })}
          </Alert>
        )}
        <Textarea
          label={t("rules.publish.note")}
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
            {t("rules.publish.cancel")}
          </Button>
          <Button
            size="xs"
            disabled={note.trim() === ""}
            loading={publish.isPending}
            onClick={() => publish.mutate()}
            data-testid="publish"
          >
            {t("rules.publish.do")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
