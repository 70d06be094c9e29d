import { ActionIcon, Anchor, Box, Button, Group, Stack, Text, Textarea, Title, Tooltip } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { Broken } from "../../components/States";
import { dateTime, duration } from "../../lib/format";

type Comment = Schemas["Comment"];

/** What is being written: anew at a second, or again. */
export type Draft = { at: number; comment?: Comment };

const key = (leg: string) => ["recordings", "comments", leg];

export function useComments(leg: string) {
  return useQuery({
    queryKey: key(leg),
    queryFn: async () => (await got(api.GET("/api/v1/recordings/{leg}/comments", { params: { path: { leg } } }))).items,
  });
}

type Props = {
  leg: string;
  time: number;
  seek: (time: number) => void;
  draft: Draft | null;
  setDraft: (draft: Draft | null) => void;
};

/** Comments pinned to seconds of a recording; each leads to its second. */
export function Comments({ leg, time, seek, draft, setDraft }: Props) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const all = useComments(leg);
  const remove = useMutation({
    mutationFn: (id: number) => api.DELETE("/api/v1/recordings/{leg}/comments/{id}", { params: { path: { leg, id } } }),
    onSettled: () => client.invalidateQueries({ queryKey: key(leg) }),
  });
  return (
    <Box mt="md" data-testid="comments" role="region" aria-label={t("comments.title")}>
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h5">
          {t("comments.title")}
        </Title>
        <Button size="xs" variant="default" onClick={() => setDraft({ at: time })}>
          {t("comments.add", { time: duration(time) })}
        </Button>
      </Group>
      {draft && <Write key={`${draft.at} ${draft.comment?.id}`} leg={leg} draft={draft} done={() => setDraft(null)} />}
      {all.isError && !all.data && <Broken error={all.error} retry={() => void all.refetch()} />}
      {remove.isError && <Broken error={remove.error} />}
      {all.data?.length === 0 && !draft && (
        <Text size="sm" c="dimmed">
          {t("comments.empty")}
        </Text>
      )}
      <Stack gap="xs">
        {all.data?.map((c) => (
          <Group key={c.id} gap="xs" wrap="nowrap" align="flex-start" className="comment">
            <Anchor component="button" type="button" size="sm" onClick={() => seek(c.at_ms / 1000)}>
              {duration(c.at_ms / 1000)}
            </Anchor>
            <Box flex={1} miw={0}>
              <Text size="sm" className="comment-body">
                {c.body}
              </Text>
              <Text size="xs" c="dimmed">
                {c.user_name || c.user_id}　{dateTime(c.created_at, i18n.language)}
                {c.edited_at && `　${t("comments.edited")}`}
              </Text>
            </Box>
            {c.own && (
              <Group gap={4} wrap="nowrap">
                <Tooltip label={t("comments.edit")}>
                  <ActionIcon
                    variant="subtle"
                    aria-label={t("comments.edit")}
                    onClick={() => setDraft({ at: c.at_ms / 1000, comment: c })}
                  >
                    <IconPencil size={16} aria-hidden />
                  </ActionIcon>
                </Tooltip>
                <Tooltip label={t("comments.remove")}>
                  <ActionIcon
                    variant="subtle"
                    color="red"
                    aria-label={t("comments.remove")}
                    loading={remove.isPending && remove.variables === c.id}
                    onClick={() => remove.mutate(c.id)}
                  >
                    <IconTrash size={16} aria-hidden />
                  </ActionIcon>
                </Tooltip>
              </Group>
            )}
          </Group>
        ))}
      </Stack>
    </Box>
  );
}

function Write({ leg, draft, done }: { leg: string; draft: Draft; done: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [body, setBody] = useState(draft.comment?.body ?? "");
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const save = useMutation({
    mutationFn: () => {
      const id = draft.comment?.id;
      return id === undefined
        ? api.POST("/api/v1/recordings/{leg}/comments", {
            params: { path: { leg } },
            body: { at_ms: Math.round(draft.at * 1000), body },
          })
        : api.PUT("/api/v1/recordings/{leg}/comments/{id}", { params: { path: { leg, id } }, body: { body } });
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: key(leg) });
      done();
    },
  });
  const ready = body.trim() !== "" && !save.isPending;
  return (
    <form
      onSubmit={(e) => {
        e.preventDefault();
        if (ready) save.mutate();
      }}
    >
      <Textarea
        ref={field}
        data-testid="comment-body"
        label={t("comments.at", { time: duration(draft.at) })}
        description={t("comments.hint")}
        autosize
        minRows={2}
        maxLength={2000}
        value={body}
        onChange={(e) => setBody(e.currentTarget.value)}
        onKeyDown={(e) => {
          if (e.key === "Escape") done();
          if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && ready) save.mutate();
        }}
      />
      {save.isError && <Broken error={save.error} />}
      <Group gap="xs" my="xs">
        <Button type="submit" size="xs" disabled={!ready} loading={save.isPending}>
          {t("comments.save")}
        </Button>
        <Button size="xs" variant="default" onClick={done}>
          {t("comments.cancel")}
        </Button>
      </Group>
    </form>
  );
}
