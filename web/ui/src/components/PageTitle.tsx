import { Group, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { setPageTitle } from "../lib/title";

/** The page's only h1, and what the browser's tab says. */
export function PageTitle({ titleKey, title, children }: { titleKey?: string; title?: string; children?: ReactNode }) {
  const { t } = useTranslation();
  const text = title ?? (titleKey ? t(titleKey) : "");
  useEffect(() => setPageTitle(text), [text]);
  return (
    <Group justify="space-between" mb="md" gap="sm">
      <Title order={1} size="h3">
        {text}
      </Title>
      {children && <Group gap="xs">{children}</Group>}
    </Group>
  );
}
