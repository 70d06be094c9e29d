import { ActionIcon, Group, Kbd, NativeSelect, Slider, Switch, Text, Tooltip } from "@mantine/core";
import {
  IconDownload,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconRewindBackward5,
  IconRewindForward5,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { duration } from "../../lib/format";
import type { Playback } from "./playback";
import { speeds } from "./waveform";

/** The player's buttons, each with its key. download is where a copy comes from, for those who may take one. */
export function Controls({ playback: p, download }: { playback: Playback; download?: string }) {
  const { t } = useTranslation();
  const jumps = [
    { by: -5, key: "J", icon: IconRewindBackward5, label: t("player.back") },
    { by: 5, key: "L", icon: IconRewindForward5, label: t("player.forward") },
  ];
  const play = t(p.playing ? "player.pause" : "player.play");
  const sides = [
    { side: "caller", color: "blue" },
    { side: "agent", color: "violet" },
  ] as const;
  return (
    <Group gap="xs" mt="xs">
      <Tooltip label={<Hint text={play} keys={t("player.space")} />}>
        <ActionIcon size="lg" aria-label={play} onClick={p.toggle}>
          {p.playing ? <IconPlayerPauseFilled size={18} aria-hidden /> : <IconPlayerPlayFilled size={18} aria-hidden />}
        </ActionIcon>
      </Tooltip>
      {jumps.map((j) => (
        <Tooltip key={j.key} label={<Hint text={j.label} keys={j.key} />}>
          <ActionIcon size="lg" variant="default" aria-label={j.label} onClick={() => p.seek(p.time + j.by)}>
            <j.icon size={18} aria-hidden />
          </ActionIcon>
        </Tooltip>
      ))}
      <Text size="sm" miw={96} ta="center">
        {duration(p.time)} / {duration(p.duration)}
      </Text>
      <Tooltip label={<Hint text={t("player.speed")} keys="[ ]" />}>
        <NativeSelect
          size="xs"
          aria-label={t("player.speed")}
          data={speeds.map((s) => ({ value: String(s), label: `${s}×` }))}
          value={String(p.speed)}
          onChange={(e) => p.setSpeed(Number(e.currentTarget.value))}
        />
      </Tooltip>
      <Tooltip label={<Hint text={t("player.skip_hint")} keys="S" />}>
        <Switch
          size="sm"
          label={t("player.skip")}
          checked={p.skipping}
          onChange={(e) => p.setSkipping(e.currentTarget.checked)}
        />
      </Tooltip>
      {sides.map(({ side, color }) => (
        <Group key={side} gap={6} wrap="nowrap">
          <Text size="sm">{t(`player.volume.${side}`)}</Text>
          <Slider
            w={90}
            size="sm"
            color={color}
            min={0}
            max={200}
            step={10}
            value={Math.round(p.volumes[side] * 100)}
            label={(v) => `${v} %`}
            thumbLabel={t(`player.volume.${side}_label`)}
            onChange={(v) => p.setVolumes({ ...p.volumes, [side]: v / 100 })}
          />
        </Group>
      ))}
      {download && (
        <Tooltip label={t("player.download")}>
          <ActionIcon component="a" href={download} size="lg" variant="default" aria-label={t("player.download")}>
            <IconDownload size={18} aria-hidden />
          </ActionIcon>
        </Tooltip>
      )}
    </Group>
  );
}

function Hint({ text, keys }: { text: string; keys: string }) {
  return (
    <Group gap={6} wrap="nowrap">
      {text} <Kbd size="xs">{keys}</Kbd>
    </Group>
  );
}
