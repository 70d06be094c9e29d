import { ActionIcon, Alert, Badge, FileButton, Group, Stack, Text, Tooltip } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import {
  IconAlertTriangle,
  IconPlayerPlay,
  IconPlayerStop,
  IconRobot,
  IconTrash,
  IconUpload,
} from "@tabler/icons-react";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, ProblemError, type Schemas } from "../../api/client";
import { fieldErrors, problemText } from "../../components/problem";
import { Broken, Empty, Loading } from "../../components/States";
import { dateTime } from "../../lib/format";

export type Phrase = Schemas["PhraseSound"];

export const phrasesKey = ["flows", "phrases"];

/** What the text says, and who speaks it. */
export function usePhrases(yaml: string) {
  return useQuery({
    queryKey: [...phrasesKey, yaml],
    queryFn: () => got(api.POST("/api/v1/flows/phrases", { body: { yaml } })),
    placeholderData: keepPreviousData,
  });
}

/** The sound of a phrase, which the server makes if need be. */
export async function soundOf({ lang, text }: Phrase): Promise<Blob> {
  const { data } = await api.POST("/api/v1/flows/sound", {
    body: { lang: lang as "en", text },
    parseAs: "blob",
  });
  return data as unknown as Blob;
}

/** Every phrase with its sound: heard, recorded in a studio, or left to an engine. */
export function Sounds({ yaml: now, may }: { yaml: string; may: boolean }) {
  const { t } = useTranslation();
  const [yaml] = useDebouncedValue(now, 400);
  const found = usePhrases(yaml);
  const player = usePlayer();
  const all = found.data?.items ?? [];
  const robots = all.filter((p) => p.robot).length;
  if (found.isPending) return <Loading />;
  if (found.isError) return <Broken error={found.error} retry={() => void found.refetch()} />;
  if (all.length === 0) return <Empty title={t("flows.sounds.none")} hint={t("flows.sounds.none_hint")} />;
  return (
    <Stack gap="xs" data-testid="sounds">
      <Text size="sm" c="dimmed" className="prose">
        {t("flows.sounds.explained")}
      </Text>
      {robots > 0 && (
        <Alert color="orange" variant="light" p="xs" icon={<IconRobot aria-hidden />}>
          {t("flows.sounds.robots", { count: robots })}
        </Alert>
      )}
      {player.error && <Wrong error={player.error} />}
      <ul className="flow-sounds">
        {all.map((p) => (
          <One key={p.key} phrase={p} may={may} player={player} />
        ))}
      </ul>
    </Stack>
  );
}

type Player = ReturnType<typeof usePlayer>;

/** Plays one phrase at a time. */
function usePlayer() {
  const client = useQueryClient();
  const audio = useRef<HTMLAudioElement | null>(null);
  const [playing, setPlaying] = useState<string | null>(null);
  const load = useMutation({ mutationFn: soundOf });
  const stop = () => {
    audio.current?.pause();
    if (audio.current) URL.revokeObjectURL(audio.current.src);
    audio.current = null;
    setPlaying(null);
  };
  useEffect(
    () => () => {
      audio.current?.pause();
    },
    [],
  );
  const play = async (p: Phrase) => {
    stop();
    setPlaying(p.key);
    try {
      const element = new Audio(URL.createObjectURL(await load.mutateAsync(p)));
      audio.current = element;
      element.onended = stop;
      await element.play();
      if (p.source === "unspoken") void client.invalidateQueries({ queryKey: phrasesKey });
    } catch {
      setPlaying(null); // The reason is in load.error.
    }
  };
  return { playing, play, stop, error: load.error };
}

function Wrong({ error }: { error: Error }) {
  const { t } = useTranslation();
  const reasons = error instanceof ProblemError ? Object.values(fieldErrors(error, t)) : [];
  const problem = problemText(error, t);
  return (
    <Text size="xs" c="red.8" role="alert">
      {problem.title}：{reasons.length > 0 ? <span lang="en">{reasons.join("; ")}</span> : problem.remedy}
    </Text>
  );
}

function One({ phrase: p, may, player }: { phrase: Phrase; may: boolean; player: Player }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const done = () => client.invalidateQueries({ queryKey: phrasesKey });
  const upload = useMutation({
    mutationFn: async (file: File) =>
      api.POST("/api/v1/flows/uploads", {
        body: { lang: p.lang as "en", text: p.text, file: file.name, wav: await base64(file) },
      }),
    onSuccess: done,
  });
  const drop = useMutation({
    mutationFn: () => api.DELETE("/api/v1/flows/uploads/{key}", { params: { path: { key: p.key } } }),
    onSuccess: done,
  });
  const plays = player.playing === p.key;
  const error = upload.error ?? drop.error;
  return (
    <li data-testid={`sound-${p.key}`}>
      <Group gap={6} wrap="nowrap" align="flex-start">
        <Key
          label={plays ? t("flows.sounds.stop") : t("flows.sounds.play", { text: p.text })}
          does={() => (plays ? player.stop() : void player.play(p))}
        >
          {plays ? <IconPlayerStop size={15} aria-hidden /> : <IconPlayerPlay size={15} aria-hidden />}
        </Key>
        <div className="flow-sound">
          <Text size="sm" lang={p.lang}>
            {p.text}
          </Text>
          <Group gap={6}>
            <Badge
              size="sm"
              tt="none"
              miw="fit-content"
              variant={p.source === "upload" ? "filled" : "default"}
              color={p.source === "none" ? "red" : undefined}
            >
              {t(`flows.sounds.source.${p.source}`)}
            </Badge>
            <Text size="xs" c={p.robot ? "orange.9" : "dimmed"}>
              {p.upload
                ? t("flows.sounds.uploaded", {
                    file: p.upload.file,
                    by: p.upload.by,
                    at: dateTime(p.upload.at, i18n.language),
                    seconds: p.upload.seconds.toFixed(1),
                  })
                : p.robot
                  ? t("flows.sounds.robot", { voice: p.voice })
                  : p.voice}
            </Text>
          </Group>
          {error && <Wrong error={error} />}
        </div>
        {may && (
          <FileButton accept=".wav,audio/wav,audio/x-wav" onChange={(file) => file && upload.mutate(file)}>
            {(props) => (
              <Tooltip label={t("flows.sounds.upload")}>
                <ActionIcon
                  {...props}
                  variant="subtle"
                  color="gray"
                  loading={upload.isPending}
                  aria-label={t("flows.sounds.upload_for", { text: p.text })}
                >
                  <IconUpload size={15} aria-hidden />
                </ActionIcon>
              </Tooltip>
            )}
          </FileButton>
        )}
        {may && p.upload && (
          <Key label={t("flows.sounds.remove", { text: p.text })} does={() => drop.mutate()}>
            <IconTrash size={15} aria-hidden />
          </Key>
        )}
      </Group>
    </li>
  );
}

function Key({ label, does, children }: { label: string; does: () => void; children: React.ReactNode }) {
  return (
    <Tooltip label={label} multiline maw={320}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={does}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function base64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

/** How many phrases have no sound, where the server did not say. */
const unknown = -1;

/** Before something goes live: every phrase is spoken, one after another; what has no sound is said. */
export function Spoken({ yaml, ready }: { yaml: string; ready: (done: boolean, silent: number) => void }) {
  const { t } = useTranslation();
  const found = usePhrases(yaml);
  const client = useQueryClient();
  const [done, setDone] = useState(0);
  const [silent, setSilent] = useState<Phrase[]>([]);
  const all = found.data?.items;
  const tell = useRef(ready);
  tell.current = ready;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for what the page found when it was opened
  useEffect(() => {
    if (!all || found.isPlaceholderData) return;
    let stopped = false;
    const speak = async () => {
      const without = all.filter((p) => p.source === "none");
      const todo = all.filter((p) => p.source === "unspoken");
      setDone(all.length - todo.length);
      for (const p of todo) {
        if (stopped) return;
        try {
          await soundOf(p);
        } catch {
          without.push(p);
        }
        setDone((n) => n + 1);
        setSilent([...without]);
      }
      if (stopped) return;
      setSilent(without);
      tell.current(true, without.length);
      if (todo.length > 0) void client.invalidateQueries({ queryKey: phrasesKey });
    };
    void speak();
    return () => {
      stopped = true;
    };
  }, [all !== undefined && !found.isPlaceholderData]);
  useEffect(() => {
    if (found.isError) tell.current(true, unknown);
  }, [found.isError]);
  if (found.isError) return <Broken error={found.error} />;
  if (!all) return <Loading />;
  const robots = all.filter((p) => p.robot).length;
  return (
    <Stack gap={6} role="status" data-testid="spoken">
      <Text size="sm">{t("flows.sounds.progress", { done, all: all.length })}</Text>
      <progress className="flow-progress" max={all.length} value={done} aria-label={t("flows.sounds.progress_of")} />
      {robots > 0 && (
        <Text size="sm" c="orange.9">
          △ {t("flows.sounds.robots", { count: robots })}
        </Text>
      )}
      {silent.length > 0 && (
        <Alert color="red" variant="light" p="xs" icon={<IconAlertTriangle aria-hidden />}>
          {t("flows.sounds.silent", { count: silent.length })}
          <ul className="flow-silent">
            {silent.map((p) => (
              <li key={p.key} lang={p.lang}>
                {p.text}
              </li>
            ))}
          </ul>
        </Alert>
      )}
    </Stack>
  );
}
