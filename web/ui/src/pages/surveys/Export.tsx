import { Button, Menu } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

const choices = [
  { what: "results", format: "xlsx" },
  { what: "results", format: "csv" },
  { what: "answers", format: "xlsx" },
  { what: "answers", format: "csv" },
];

/** Tables to keep. The browser fetches them by itself, so that a long one does not pass through the page. */
export function Export({ query, disabled }: { query: Record<string, string | undefined>; disabled: boolean }) {
  const { t } = useTranslation();
  const address = (choice: Record<string, string>) => {
    const asked = Object.entries({ ...query, ...choice }).filter(([, v]) => v) as [string, string][];
    return `/api/v1/surveys/export?${new URLSearchParams(asked)}`;
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="xs" variant="default" leftSection={<IconDownload size={14} aria-hidden />} disabled={disabled}>
          {t("surveys.export")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map((c) => (
          <Menu.Item key={`${c.what} ${c.format}`} component="a" href={address(c)} download>
            {t(`surveys.exports.${c.what}_${c.format}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
