import { Alert, Button, FileButton, Group, Modal, Stack, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconUpload } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { count } from "../../lib/format";
import { DataTable } from "../shared/DataTable";
import type { Campaign } from "./campaigns";
import { base64, largestList, useCampaignChange } from "./save";

type Preview = Schemas["ListPreview"];

/** Chooses a file, shows what is wrong with it row by row, and writes only what was seen. */
export function ImportList({ campaign, close }: { campaign: Campaign; close: () => void }) {
  const { t } = useTranslation();
  const [file, setFile] = useState<{ name: string; data: string } | null>(null);
  const again = useRef<() => void>(null);
  const params = { path: { campaign: campaign.id } };
  const preview = useCampaignChange(
    (data: string) => got(api.POST("/api/v1/campaigns/{campaign}/import/preview", { params, body: { data } })),
    "",
  );
  const run = useCampaignChange(
    (body: { data: string; faulty: number }) => got(api.POST("/api/v1/campaigns/{campaign}/import", { params, body })),
    "",
    (done) => {
      notifications.show({ color: "green", message: t("campaigns.import.done", done) });
      close();
    },
  );
  const choose = async (chosen: File | null) => {
    if (!chosen) return;
    if (chosen.size > largestList) {
      notifications.show({ color: "red", message: t("campaigns.import.too_large") });
      return;
    }
    const data = await base64(chosen);
    again.current?.(); // so that the same file is read again once it is mended
    setFile({ name: chosen.name, data });
    preview.mutate(data);
  };
  const found = preview.data;
  return (
    <Modal opened onClose={close} title={t("campaigns.import.title")} size="lg">
      <Stack>
        <Text size="sm" className="prose">
          {t("campaigns.import.hint")}
        </Text>
        <Group>
          <FileButton
            resetRef={again}
            onChange={(f) => void choose(f)}
            accept=".csv,.xlsx,text/csv"
            inputProps={{ "aria-label": t("campaigns.import.choose") }}
          >
            {(p) => (
              <Button
                {...p}
                size="xs"
                variant={found ? "default" : "filled"}
                leftSection={<IconUpload size={14} aria-hidden />}
                loading={preview.isPending}
              >
                {t("campaigns.import.choose")}
              </Button>
            )}
          </FileButton>
          {file && <Text size="sm">{file.name}</Text>}
        </Group>
        {file && found && (
          <>
            <Text size="sm" role="status" fw={600} data-testid="list-counts">
              {t("campaigns.import.counts", {
                rows: count(found.rows),
                good: count(found.good),
                faulty: count(found.faulty),
              })}
            </Text>
            {found.faulty > 0 && <ListFaults found={found} />}
            {found.good === 0 ? (
              <Alert color="yellow" variant="light" role="alert">
                {t("campaigns.import.none")}
              </Alert>
            ) : (
              <>
                <Example found={found} />
                <Group justify="flex-end">
                  <Button variant="default" onClick={close}>
                    {t("campaigns.cancel")}
                  </Button>
                  <Button
                    loading={run.isPending}
                    onClick={() => run.mutate({ data: file.data, faulty: found.faulty })}
                    data-testid="import-yes"
                  >
                    {t(found.faulty > 0 ? "campaigns.import.run_without" : "campaigns.import.run", {
                      good: count(found.good),
                      faulty: count(found.faulty),
                    })}
                  </Button>
                </Group>
              </>
            )}
          </>
        )}
      </Stack>
    </Modal>
  );
}

/** The rows that are left out, and why. */
export function ListFaults({ found }: { found: Preview }) {
  const { t } = useTranslation();
  return (
    <section aria-label={t("campaigns.import.faults")} data-testid="list-faults">
      <Title order={3} size="h6">
        {t("campaigns.import.faults")}
      </Title>
      <div className="campaign-faults">
        <DataTable
          label={t("campaigns.import.faults")}
          rows={found.faults}
          rowKey={(f) => `${f.row} ${f.why}`}
          columns={[
            { key: "row", label: t("campaigns.import.row"), cell: (f) => f.row, figure: true },
            {
              key: "why",
              label: t("campaigns.import.why"),
              cell: (f) => t(`campaigns.import.whys.${f.why}`, { other: f.other }),
            },
          ]}
        />
      </div>
      {found.faulty > found.faults.length && (
        <Text size="xs" c="dimmed">
          {t("campaigns.import.more_faults", { shown: found.faults.length })}
        </Text>
      )}
    </section>
  );
}

function Example({ found }: { found: Preview }) {
  const { t } = useTranslation();
  return (
    <section aria-label={t("campaigns.import.example")}>
      <Title order={3} size="h6">
        {t("campaigns.import.example")}
      </Title>
      <DataTable
        label={t("campaigns.import.example")}
        rows={found.example}
        rowKey={(r) => String(r.row)}
        columns={[
          { key: "row", label: t("campaigns.contacts.row"), cell: (r) => r.row, figure: true },
          { key: "phone", label: t("campaigns.contacts.phone"), cell: (r) => r.phone || r.mail },
          { key: "name", label: t("campaigns.contacts.name"), cell: (r) => r.name },
          { key: "ref", label: t("campaigns.contacts.ref"), cell: (r) => r.ref },
        ]}
      />
    </section>
  );
}
