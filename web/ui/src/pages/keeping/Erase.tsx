import { Alert, Button, Group, Modal, Radio, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, ProblemError, type Schemas } from "../../api/client";
import { can, useMe } from "../../app/session";
import { audible } from "../recordings/State";
import { useKeep } from "./save";

const whys = ["request", "order", "mistake"] as const;

/** Throws a recording away, for those who may; a hold that forbids it is named. */
export function Erase({ recording }: { recording: Schemas["Recording"] }) {
  const { t } = useTranslation();
  const [asking, ask] = useState(false);
  const [why, setWhy] = useState<(typeof whys)[number] | "">("");
  const may = can(useMe(), "erase");
  const erase = useKeep(
    (body: { why: (typeof whys)[number] }) =>
      got(api.POST("/api/v1/recordings/{leg}/erasure", { params: { path: { leg: recording.leg } }, body })),
    () => ask(false),
    "keeping.erase.done",
  );
  if (!may || !(audible(recording.state) || recording.state === "failed")) return null;
  const holds = erase.error instanceof ProblemError && erase.error.code === "held" ? erase.error.errors : [];
  return (
    <>
      <Button size="compact-sm" variant="default" color="red" onClick={() => ask(true)}>
        {t("keeping.erase.button")}
      </Button>
      <Modal opened={asking} onClose={() => ask(false)} title={t("keeping.erase.title")}>
        <Stack>
          <Text size="sm">{t("keeping.erase.hint")}</Text>
          <Radio.Group
            label={t("keeping.erase.why")}
            value={why}
            onChange={(v) => setWhy(whys.find((w) => w === v) ?? "")}
          >
            <Stack gap="xs" mt="xs">
              {whys.map((w) => (
                <Radio key={w} value={w} label={t(`keeping.erase.whys.${w}`)} />
              ))}
            </Stack>
          </Radio.Group>
          {holds.length > 0 && (
            <Alert color="yellow" role="alert" title={t("keeping.erase.held")}>
              {holds.map((h) => (
                <Text size="sm" key={h.message}>
                  {h.message}
                </Text>
              ))}
            </Alert>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => ask(false)}>
              {t("admin.cancel")}
            </Button>
            <Button
              color="red"
              disabled={why === ""}
              loading={erase.isPending}
              onClick={() => why && erase.mutate({ why })}
            >
              {t("keeping.erase.confirm")}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
