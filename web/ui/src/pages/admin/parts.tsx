import { Anchor, Button, Group } from "@mantine/core";
import { IconCircleCheck, IconCircleOff, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, got } from "../../api/client";

/** What the lists of this page are read by; a change makes all of them stale. */
export const queries = {
  users: { queryKey: ["admin", "users"], queryFn: () => got(api.GET("/api/v1/users")) },
  teams: { queryKey: ["admin", "teams"], queryFn: () => got(api.GET("/api/v1/teams")) },
  queues: { queryKey: ["admin", "queues"], queryFn: () => got(api.GET("/api/v1/queues")) },
  lines: { queryKey: ["admin", "lines"], queryFn: () => got(api.GET("/api/v1/lines")) },
  flows: { queryKey: ["admin", "flows"], queryFn: () => got(api.GET("/api/v1/flows")) },
  reasons: { queryKey: ["admin", "reasons"], queryFn: () => got(api.GET("/api/v1/reasons")) },
  dispositions: { queryKey: ["admin", "dispositions"], queryFn: () => got(api.GET("/api/v1/dispositions")) },
};

/** A whole list in the shape of those that are read page by page. */
export function useWhole<T>(query: { queryKey: string[]; queryFn: () => Promise<{ items: T[] | null }> }) {
  const { data, isPending, error, refetch } = useQuery(query);
  return {
    rows: data?.items ?? [],
    loading: isPending,
    stale: false,
    error,
    retry: (): void => void refetch(),
    more: false,
    loadingMore: false,
    readMore: (): void => {},
  };
}

/** What stands above a list: how to find, and how to add. */
export function Bar({ children, add }: { children?: ReactNode; add?: () => void }) {
  const { t } = useTranslation();
  return (
    <Group mb="sm" justify="space-between" align="flex-end">
      <Group align="flex-end">{children}</Group>
      {add && (
        <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={add}>
          {t("admin.add")}
        </Button>
      )}
    </Group>
  );
}

/** The name of a row, which opens it. */
export function Open({ name, open }: { name: string; open: () => void }) {
  return (
    <Anchor component="button" type="button" size="sm" onClick={open}>
      {name}
    </Anchor>
  );
}

export function ActiveSign({ active }: { active: boolean }) {
  const { t } = useTranslation();
  return (
    <Group gap={4} wrap="nowrap" component="span">
      {active ? (
        <IconCircleCheck size={16} color="var(--mantine-color-green-text)" aria-hidden />
      ) : (
        <IconCircleOff size={16} aria-hidden />
      )}
      {t(active ? "admin.active" : "admin.inactive")}
    </Group>
  );
}
