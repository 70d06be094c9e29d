import { Alert, Button, Card, Group, Modal, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import { IconAlertOctagon, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { named } from "../../i18n";
import { dateTime } from "../../lib/format";
import { type Calendar, moment } from "./hours";
import { useHoursChange } from "./save";

/** The big switch: asked for twice, and with who turned it on and when. */
export function Emergency({ calendar }: { calendar: Calendar }) {
  const { t, i18n } = useTranslation();
  const [asking, ask] = useState<"on" | "off" | null>(null);
  const on = calendar.state.why === "emergency" ? calendar.emergency : null;
  const at = (time: string) => dateTime(time, i18n.language);
  return (
    <Card withBorder className={on ? "emergency-on" : undefined} data-testid="emergency-card">
      <Stack gap="xs">
        <Title order={2} size="h5">
          {t("hours.emergency.title")}
        </Title>
        {on ? (
          <Alert color="red" variant="filled" icon={<IconAlertOctagon aria-hidden />} role="alert">
            <Text fw={700}>{t("hours.emergency.on")}</Text>
            <Text size="sm">
              {t("hours.emergency.since", { name: calendar.by_name, at: at(on.since) })} ·{" "}
              {on.until ? t("hours.emergency.until", { at: at(on.until) }) : t("hours.emergency.forever")}
            </Text>
            {on.say_zh && <Text size="sm">「{on.say_zh}」</Text>}
            {on.say_en && <Text size="sm">“{on.say_en}”</Text>}
          </Alert>
        ) : (
          <Text size="sm">{t("hours.emergency.off")}</Text>
        )}
        {on ? (
          <Button
            size="lg"
            variant="default"
            leftSection={<IconPlayerPlay aria-hidden />}
            onClick={() => ask("off")}
            data-testid="resume"
          >
            {t("hours.emergency.turn_off")}
          </Button>
        ) : (
          <Button
            size="lg"
            color="red"
            leftSection={<IconAlertOctagon aria-hidden />}
            onClick={() => ask("on")}
            data-testid="emergency"
          >
            {t("hours.emergency.turn_on")}
          </Button>
        )}
      </Stack>
      {asking === "on" && <TurnOn calendar={calendar} close={() => ask(null)} />}
      {asking === "off" && <TurnOff calendar={calendar} close={() => ask(null)} />}
    </Card>
  );
}

const longest = 200;

function TurnOn({ calendar, close }: { calendar: Calendar; close: () => void }) {
  const { t } = useTranslation();
  const [zh, setZh] = useState("");
  const [en, setEn] = useState("");
  const [until, setUntil] = useState("");
  const save = useHoursChange(
    () =>
      api.PUT("/api/v1/calendars/{name}/emergency", {
        params: { path: { name: calendar.name } },
        body: { say_zh: oneLine(zh), say_en: oneLine(en), until: moment(until) },
      }),
    "hours.emergency.done_on",
    close,
  );
  return (
    <Modal opened onClose={close} title={t("hours.emergency.confirm", { name: named(calendar) })}>
      <Stack>
        <Text size="sm">{t("hours.emergency.warn")}</Text>
        <Textarea
          label={t("hours.emergency.say_zh")}
          placeholder={t("hours.emergency.say_hint")}
          maxLength={longest}
          autosize
          minRows={2}
          data-autofocus
          data-testid="emergency-zh"
          value={zh}
          onChange={(e) => setZh(e.currentTarget.value)}
        />
        <Textarea
          label={t("hours.emergency.say_en")}
          maxLength={longest}
          autosize
          minRows={2}
          value={en}
          onChange={(e) => setEn(e.currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          label={t("hours.emergency.end")}
          value={until}
          onChange={(e) => setUntil(e.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("admin.cancel")}
          </Button>
          <Button
            color="red"
            loading={save.isPending}
            onClick={() => save.mutate(undefined)}
            data-testid="emergency-yes"
          >
            {t("hours.emergency.turn_on")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

const oneLine = (s: string) => s.trim().replace(/\s*\n\s*/g, " ");

function TurnOff({ calendar, close }: { calendar: Calendar; close: () => void }) {
  const { t } = useTranslation();
  const save = useHoursChange(
    () => api.DELETE("/api/v1/calendars/{name}/emergency", { params: { path: { name: calendar.name } } }),
    "hours.emergency.done_off",
    close,
  );
  return (
    <Modal opened onClose={close} title={t("hours.emergency.turn_off")}>
      <Stack>
        <Text size="sm">{t("hours.emergency.off_confirm")}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("admin.cancel")}
          </Button>
          <Button
            loading={save.isPending}
            onClick={() => save.mutate(undefined)}
            data-autofocus
            data-testid="resume-yes"
          >
            {t("hours.emergency.turn_off")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
