import {
  ActionIcon,
  Alert,
  Button,
  Group,
  Modal,
  NativeSelect,
  Progress,
  Stack,
  Switch,
  Text,
  Tooltip,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconAlertTriangle,
  IconBell,
  IconHeadphones,
  IconHeadphonesOff,
  IconPlayerPlay,
  IconVolume,
} from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { desk, useDesk } from "./desk";
import { meter, startRing, stopRing, testTone } from "./ring";

/** The element that plays the caller; the page has exactly one, whatever is shown. */
export function RemoteAudio() {
  const ref = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    desk.phone.attach(ref.current);
    return () => desk.phone.attach(null);
  }, []);
  // biome-ignore lint/a11y/useMediaCaption: a live call has no captions
  return <audio id="remote-audio" ref={ref} autoPlay />;
}

/** Whether the desk has sound, in the call bar; opens the check. */
export function SoundStatus() {
  const { t } = useTranslation();
  const { phone } = useDesk();
  const [open, { open: show, close }] = useDisclosure(false);
  const fine = phone.link === "up" && !phone.trouble;
  const words = phone.trouble ? t(`phone.trouble.${phone.trouble}.title`) : t(`phone.${phone.link}`);
  return (
    <Group gap={6} wrap="nowrap" style={{ flex: "none" }}>
      {phone.silent && (
        <Tooltip label={t("phone.enable_sound_hint")} multiline maw={260}>
          <Button
            size="xs"
            color="#c92a2a"
            leftSection={<IconVolume size={16} aria-hidden />}
            data-testid="enable-sound"
            onClick={() => void desk.phone.play()}
          >
            {t("phone.enable_sound")}
          </Button>
        </Tooltip>
      )}
      <Tooltip label={`${words} · ${t("phone.open")}`}>
        <ActionIcon
          variant={fine || phone.link === "off" ? "subtle" : "filled"}
          color={fine || phone.link === "off" ? "gray" : phone.link === "connecting" ? "gray.7" : "#c92a2a"}
          size="lg"
          w="auto"
          px={8}
          aria-label={`${t("phone.open")}: ${words}`}
          data-testid="sound"
          data-link={phone.link}
          onClick={show}
        >
          <Group gap={6} wrap="nowrap">
            {fine ? (
              <IconHeadphones size={20} color="var(--mantine-color-green-7)" aria-hidden />
            ) : (
              <IconHeadphonesOff size={20} aria-hidden />
            )}
            <Text size="xs" component="span" c={fine || phone.link === "off" ? "var(--mantine-color-text)" : undefined}>
              {words}
            </Text>
          </Group>
        </ActionIcon>
      </Tooltip>
      <Modal opened={open} onClose={close} title={t("phone.title")} closeButtonProps={{ "aria-label": "Esc" }}>
        <SoundCheck />
      </Modal>
    </Group>
  );
}

/** What is wrong with the sound and what to do; nothing when it is fine. */
export function SoundTrouble() {
  const { t } = useTranslation();
  const { phone } = useDesk();
  if (!phone.trouble) return null;
  return (
    <Alert
      color="red"
      variant="light"
      p="xs"
      icon={<IconAlertTriangle aria-hidden />}
      title={t(`phone.trouble.${phone.trouble}.title`)}
    >
      <Stack gap={6} align="flex-start">
        <Text size="sm">{t(`phone.trouble.${phone.trouble}.remedy`)}</Text>
        {phone.trouble !== "insecure" && (
          <Button size="compact-sm" variant="default" onClick={() => desk.phone.retry()}>
            {t("phone.retry")}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

function SoundCheck() {
  const { t } = useTranslation();
  const { phone, agent } = useDesk();
  const devices = (list: MediaDeviceInfo[]) => [
    { value: "", label: t("phone.default_device") },
    ...list
      .filter((d) => d.deviceId !== "default")
      .map((d) => ({ value: d.deviceId, label: d.label || d.deviceId.slice(0, 8) })),
  ];
  return (
    <Stack gap="sm">
      <SoundTrouble />
      <NativeSelect
        label={t("phone.microphone")}
        data={devices(phone.inputs)}
        value={phone.settings.input}
        onChange={(e) => void desk.phone.configure({ input: e.currentTarget.value })}
      />
      <Meter />
      <NativeSelect
        label={t("phone.speaker")}
        data={devices(phone.outputs)}
        value={phone.settings.output}
        onChange={(e) => void desk.phone.configure({ output: e.currentTarget.value })}
      />
      <Group gap="xs">
        <Button size="xs" variant="default" leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={testTone}>
          {t("phone.tone")}
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconBell size={16} aria-hidden />}
          disabled={agent?.state === "ringing"}
          onClick={() => {
            startRing();
            window.setTimeout(() => desk.state.agent?.state !== "ringing" && stopRing(), 2500);
          }}
        >
          {t("phone.ring")}
        </Button>
      </Group>
      <Switch
        label={t("phone.processing")}
        description={t("phone.processing_hint")}
        checked={phone.settings.processing}
        onChange={(e) => void desk.phone.configure({ processing: e.currentTarget.checked })}
      />
      <NotifyButton />
    </Stack>
  );
}

function Meter() {
  const { t } = useTranslation();
  const { phone } = useDesk();
  const [level, setLevel] = useState(0);
  const [heard, setHeard] = useState(true);
  const stream = desk.phone.microphone;
  useEffect(() => {
    if (!stream || phone.trouble) return;
    let last = Date.now();
    return meter(stream, (l) => {
      setLevel(l);
      if (l > 0.15) last = Date.now();
      setHeard(Date.now() - last < 4000);
    });
  }, [stream, phone.trouble]);
  return (
    <div>
      <Text size="sm" fw={500} id="mic-level">
        {t("phone.level")}
      </Text>
      <Progress.Root size="lg">
        <Progress.Section
          value={level * 100}
          color={level > 0.95 ? "red" : "green"}
          withAria={false}
          role="meter"
          aria-labelledby="mic-level"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(level * 100)}
        />
      </Progress.Root>
      <Text size="xs" c="dimmed">
        {heard ? t("phone.speak") : t("phone.nothing_heard")}
      </Text>
    </div>
  );
}

/** Browsers show the question for notifications only after a click. */
export function NotifyButton() {
  const { t } = useTranslation();
  const [state, set] = useState(typeof Notification === "undefined" ? "denied" : Notification.permission);
  if (state === "granted") {
    return (
      <Text size="sm" c="dimmed">
        {t("phone.notify_on")}
      </Text>
    );
  }
  if (state === "denied") {
    return (
      <Text size="sm" c="dimmed">
        {t("phone.notify_off")}
      </Text>
    );
  }
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconBell size={16} aria-hidden />}
      onClick={() => void Notification.requestPermission().then(set)}
    >
      {t("phone.notify")}
    </Button>
  );
}
