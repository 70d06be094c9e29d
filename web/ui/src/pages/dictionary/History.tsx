import { Badge, Button, Group, Modal, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { dateTime } from "../../lib/format";
import { Diff } from "../rules/Diff";
import { type Column, DataTable } from "../shared/DataTable";
import { GoBack } from "./Publish";

type Version = Schemas["TextVersion"];

/** Every version that there was: who, when, why; its difference to the live one, and the way back to it. */
export function History({ versions, edit }: { versions: Version[]; edit: (from: number) => void }) {
  const { t, i18n } = useTranslation();
  const [shown, setShown] = useState<Version | null>(null);
  const [back, setBack] = useState<Version | null>(null);
  const live = versions.find((v) => v.state === "live");
  const who = (name: string, id: string, at: string | null) =>
    at ? `${name || id || t("rules.history.shipped")} ${dateTime(at, i18n.language)}` : "–";
  const columns: Column<Version>[] = [
    { key: "version", label: t("rules.history.version"), figure: true, cell: (v) => v.version },
    {
      key: "state",
      label: t("rules.history.state"),
      cell: (v) => (
        <Group gap={4} wrap="nowrap">
          <Badge variant={v.state === "live" ? "filled" : "default"} size="sm" tt="none" miw="fit-content">
            {t(`rules.edit.state.${v.state}`)}
          </Badge>
          {v.back_to > 0 && <Text size="xs">{t("rules.history.back_to", { n: v.back_to })}</Text>}
        </Group>
      ),
    },
    { key: "drafted", label: t("rules.history.drafted"), cell: (v) => who(v.drafter, v.created_by, v.created_at) },
    { key: "live", label: t("rules.history.live"), cell: (v) => who(v.publisher, v.live_by, v.live_at) },
    {
      key: "note",
      label: t("rules.history.note"),
      cell: (v) => (v.created_by === "" && v.version === 1 ? t("rules.history.shipped") : v.note),
    },
    {
      key: "do",
      label: t("rules.history.actions"),
      cell: (v) => (
        <Group gap={6} wrap="nowrap">
          {v.state !== "live" && (
            <Button size="compact-xs" variant="default" onClick={() => setShown(v)}>
              {t("rules.history.show")}
            </Button>
          )}
          <Button size="compact-xs" variant="subtle" onClick={() => edit(v.version)}>
            {t("rules.history.edit")}
          </Button>
          {v.state === "retired" && (
            <Button size="compact-xs" variant="subtle" onClick={() => setBack(v)}>
              {t("rules.history.back")}
            </Button>
          )}
        </Group>
      ),
    },
  ];
  return (
    <>
      <DataTable
        label={t("dictionary.tab.history")}
        rows={versions}
        rowKey={(v) => String(v.version)}
        columns={columns}
      />
      {shown && (
        <Modal opened size="xl" onClose={() => setShown(null)} title={t("rules.history.diff", { n: shown.version })}>
          <Diff
            before={live?.yaml ?? ""}
            after={shown.yaml}
            label={t("rules.history.diff", { n: shown.version })}
            same={t("rules.history.same")}
          />
        </Modal>
      )}
      {back && <GoBack to={back} close={() => setBack(null)} />}
    </>
  );
}
