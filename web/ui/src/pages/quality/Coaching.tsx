import { Alert, Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { IconSchool } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, got } from "../../api/client";
import { useMe } from "../../app/session";
import { dateTime } from "../../lib/format";
import { at } from "./parts";

/** Coaching notes that have not been read yet, with their clips. */
export function Coaching({ agent, open }: { agent?: string; open: (leg: string) => void }) {
  const { t, i18n } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const notes = useQuery({
    queryKey: ["quality", "notes", agent],
    queryFn: () => got(api.GET("/api/v1/quality/notes", { params: { query: { agent } } })),
  });
  const read = useMutation({
    mutationFn: (id: number) => api.POST("/api/v1/quality/notes/{id}/read", { params: { path: { id } } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["quality", "notes"] }),
  });
  const fresh = (notes.data?.items ?? []).filter((n) => n.read_at === null);
  if (fresh.length === 0) return null;
  return (
    <Alert variant="light" mb="md" icon={<IconSchool aria-hidden />} title={t("quality.coaching.title")}>
      <Stack gap="xs">
        {fresh.map((n) => (
          <div key={n.id}>
            <Text size="sm" className="prose">
              {n.note}
            </Text>
            <Group gap="sm">
              <Text size="xs" c="dimmed">
                {[me.scope !== "own" && n.agent_name, n.by, dateTime(n.at, i18n.language)].filter(Boolean).join("　")}
              </Text>
              {n.leg !== "" && (
                <Anchor component="button" type="button" size="xs" onClick={() => open(n.leg)}>
                  {t("quality.coaching.clip", { from: at(n.from_ms), to: at(n.to_ms) })}
                </Anchor>
              )}
              {n.agent_id === me.id && (
                <Button size="compact-xs" variant="default" onClick={() => read.mutate(n.id)}>
                  {t("quality.coaching.read")}
                </Button>
              )}
            </Group>
          </div>
        ))}
      </Stack>
    </Alert>
  );
}
