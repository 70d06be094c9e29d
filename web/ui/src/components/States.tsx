import { Alert, Button, Center, Loader, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconInbox, IconList } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { problemText } from "./problem";

/** Nothing to show; `hint` says what to do next. */
export function Empty({ title, hint, action }: { title: string; hint?: string; action?: ReactNode }) {
  return (
    <Center p="xl">
      <Stack align="center" gap="xs">
        <IconInbox size={32} stroke={1.4} aria-hidden />
        <Text fw={600} ta="center">
          {title}
        </Text>
        {hint && (
          <Text c="dimmed" size="sm" ta="center" className="prose">
            {hint}
          </Text>
        )}
        {action}
      </Stack>
    </Center>
  );
}

export function Loading() {
  const { t } = useTranslation();
  return (
    <Center p="xl" role="status" aria-label={t("states.loading")}>
      <Loader size="sm" />
    </Center>
  );
}

/** Something failed: says what, names the remedy, and offers to try again. */
export function Broken({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  const { title, remedy } = problemText(error, t);
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} title={title} m="md" role="alert">
      <Stack gap="xs" align="flex-start">
        <Text size="sm" className="prose">
          {remedy}
        </Text>
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            {t("states.retry")}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** More was found than is shown; `more` reads the next page. */
export function TooMuch({ shown, more, busy }: { shown: number; more?: () => void; busy?: boolean }) {
  const { t } = useTranslation();
  return (
    <Center p="md">
      <Stack align="center" gap={6}>
        <Text size="sm" c="dimmed">
          <IconList size={14} aria-hidden /> {t("states.too_much", { shown })}
        </Text>
        {more && (
          <Button size="xs" variant="default" loading={busy} onClick={more}>
            {t("states.more")}
          </Button>
        )}
      </Stack>
    </Center>
  );
}

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Empty
      title={t("states.not_found")}
      hint={t("states.not_found_hint")}
      action={
        <Button component="a" href="/" size="xs" variant="default">
          {t("states.home")}
        </Button>
      }
    />
  );
}
