import { Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { problemText } from "../../components/problem";

type Version = Schemas["TextVersion"];

/** Puts the draft live, with a note of what has changed and why. */
export function Publish({ draft, close }: { draft: Version; close: () => void }) {
  const { t } = useTranslation();
  return (
    <Noted
      title={t("rules.publish.title")}
      explained={t("dictionary.publish_hint")}
      label={t("rules.publish.note")}
      first={draft.note}
      does={t("rules.publish.do")}
      act={(note) => got(api.POST("/api/v1/dictionaries/draft/publish", { body: { saved: draft.created_at, note } }))}
      close={close}
    />
  );
}

/** Makes the text of an earlier version the next one, live at once. */
export function GoBack({ to, close }: { to: Version; close: () => void }) {
  const { t } = useTranslation();
  const path = { version: to.version };
  return (
    <Noted
      title={t("rules.history.back_title", { n: to.version })}
      explained={t("rules.history.back_explained")}
      label={t("rules.history.why")}
      first=""
      does={t("rules.history.do")}
      act={(note) =>
        got(api.POST("/api/v1/dictionaries/versions/{version}/restore", { params: { path }, body: { note } }))
      }
      close={close}
    />
  );
}

/** Something that is done with a note. */
function Noted(props: {
  title: string;
  explained: string;
  label: string;
  first: string;
  does: string;
  act: (note: string) => Promise<Version>;
  close: () => void;
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [note, setNote] = useState(props.first);
  const act = useMutation({
    mutationFn: () => props.act(note.trim()),
    onSuccess: async (v) => {
      notifications.show({ message: t("dictionary.live_now", { version: v.version }) });
      props.close();
      await client.invalidateQueries({ queryKey: ["dictionaries"] });
    },
  });
  const problem = act.error ? problemText(act.error, t) : null;
  return (
    <Modal opened onClose={props.close} title={props.title}>
      <Stack gap="sm">
        <Text size="sm" className="prose">
          {props.explained}
        </Text>
        <Textarea
          label={props.label}
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
            loading={act.isPending}
            onClick={() => act.mutate()}
            data-testid="publish"
          >
            {props.does}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
