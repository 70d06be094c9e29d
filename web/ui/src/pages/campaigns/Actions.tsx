import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got } from "../../api/client";
import type { Campaign } from "./campaigns";
import { CampaignForm } from "./Form";
import { ImportList } from "./Import";
import { useCampaignChange } from "./save";

type Turn = "start" | "pause" | "stop";

function turn(id: string, what: Turn) {
  const params = { path: { campaign: id } };
  switch (what) {
    case "start":
      return got(api.POST("/api/v1/campaigns/{campaign}/start", { params }));
    case "pause":
      return got(api.POST("/api/v1/campaigns/{campaign}/pause", { params }));
    case "stop":
      return got(api.POST("/api/v1/campaigns/{campaign}/stop", { params }));
  }
}

/** What can be done with a campaign in its state. */
export function Actions({ campaign: c }: { campaign: Campaign }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [open, setOpen] = useState<"form" | "import" | "start" | "stop" | "remove" | null>(null);
  const close = () => setOpen(null);
  const start = useCampaignChange(() => turn(c.id, "start"), "campaigns.said.start", close);
  const pause = useCampaignChange(() => turn(c.id, "pause"), "campaigns.said.pause");
  const stop = useCampaignChange(() => turn(c.id, "stop"), "campaigns.said.stop", close);
  const remove = useCampaignChange(
    () => api.DELETE("/api/v1/campaigns/{campaign}", { params: { path: { campaign: c.id } } }),
    "campaigns.said.removed",
    () => void navigate({ to: "/campaigns" }),
  );
  if (c.state === "finished") return null;
  const waiting = c.counts.waiting ?? 0;
  return (
    <>
      <Group gap="xs">
        {c.state === "running" ? (
          <Button size="xs" variant="default" loading={pause.isPending} onClick={() => pause.mutate(undefined)}>
            {t("campaigns.pause")}
          </Button>
        ) : (
          <Button size="xs" disabled={waiting === 0} data-testid="campaign-start" onClick={() => setOpen("start")}>
            {t(c.state === "paused" ? "campaigns.resume" : "campaigns.start")}
          </Button>
        )}
        <Button size="xs" variant="default" data-testid="campaign-import" onClick={() => setOpen("import")}>
          {t("campaigns.import.button")}
        </Button>
        <Button size="xs" variant="default" onClick={() => setOpen("form")}>
          {t("campaigns.edit")}
        </Button>
        {c.state === "draft" ? (
          <Button size="xs" variant="default" onClick={() => setOpen("remove")}>
            {t("campaigns.remove")}
          </Button>
        ) : (
          <Button size="xs" variant="default" onClick={() => setOpen("stop")}>
            {t("campaigns.stop")}
          </Button>
        )}
      </Group>
      {open === "form" && <CampaignForm campaign={c} close={close} />}
      {open === "import" && <ImportList campaign={c} close={close} />}
      {open === "start" && (
        <Confirm
          what="start"
          yes="start"
          count={waiting}
          close={close}
          run={() => start.mutate(undefined)}
          busy={start.isPending}
        />
      )}
      {open === "stop" && (
        <Confirm
          what="stop"
          yes="stop"
          count={waiting}
          close={close}
          run={() => stop.mutate(undefined)}
          busy={stop.isPending}
          danger
        />
      )}
      {open === "remove" && (
        <Confirm
          what="remove"
          yes="remove"
          count={0}
          close={close}
          run={() => remove.mutate(undefined)}
          busy={remove.isPending}
          danger
        />
      )}
    </>
  );
}

function Confirm(props: {
  what: "start" | "stop" | "remove";
  yes: string;
  count: number;
  run: () => void;
  busy: boolean;
  close: () => void;
  danger?: boolean;
}) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={props.close} title={t(`campaigns.confirm.${props.what}_title`)}>
      <Stack>
        <Text size="sm">{t(`campaigns.confirm.${props.what}`, { count: props.count })}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={props.close}>
            {t("campaigns.cancel")}
          </Button>
          <Button
            color={props.danger ? "red" : undefined}
            loading={props.busy}
            onClick={props.run}
            data-testid="confirm-yes"
          >
            {t(`campaigns.${props.yes}`)}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
