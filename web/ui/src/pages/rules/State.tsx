import { Badge, Button, Group, Progress, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, type Schemas } from "../../api/client";
import { can, useMe } from "../../app/session";

export type Trial = Schemas["Trial"];

export const goesOn = (t: Pick<Trial, "state">) => t.state === "waiting" || t.state === "running";

/** How far a trial is, and what to do where it is stuck. */
export function TrialState({ trial: x, whole }: { trial: Trial; whole?: boolean }) {
  const { t } = useTranslation();
  const share = x.total ? (100 * x.done) / x.total : 0;
  const progress = t("rules.trial.progress", { done: x.done, total: x.total ?? "…" });
  return (
    <div>
      <Group gap="xs" wrap="nowrap">
        <Badge
          variant={x.state === "done" ? "default" : "outline"}
          size="sm"
          tt="none"
          miw="fit-content"
          data-testid="trial-state"
        >
          {t(`rules.trial.state.${x.state}`)}
        </Badge>
        {goesOn(x) && (
          <Progress.Root size="lg" miw={120} flex={whole ? "1 1 auto" : undefined} maw={420}>
            <Progress.Section value={share} aria-label={progress} />
          </Progress.Root>
        )}
        <Text size="sm" role={whole ? "status" : undefined}>
          {progress}
        </Text>
        {whole && goesOn(x) && <Stop trial={x} />}
      </Group>
      {whole && x.state === "waiting" && (
        <Text size="sm" c="dimmed" className="prose">
          {x.reason ? t("rules.trial.again", { reason: x.reason }) : t("rules.trial.waiting")}
        </Text>
      )}
      {whole && x.state === "failed" && (
        <Text size="sm" c="red" className="prose" role="alert">
          {t("rules.trial.failed", { reason: x.reason })}
        </Text>
      )}
      {whole && x.unread > 0 && <Text size="sm">{t("rules.trial.unread", { n: x.unread })}</Text>}
    </div>
  );
}

function Stop({ trial }: { trial: Trial }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const stop = useMutation({
    mutationFn: () => api.POST("/api/v1/rules/trials/{id}/stop", { params: { path: { id: trial.id } } }),
    onSettled: () => client.invalidateQueries({ queryKey: ["rules", "trials"] }),
  });
  if (!can(useMe(), "rules")) return null;
  return (
    <Button size="compact-xs" variant="default" loading={stop.isPending} onClick={() => stop.mutate()}>
      {t("rules.trial.stop")}
    </Button>
  );
}

/** Which text was tried: the draft as it is, an older one, or what went live since. */
export function useTried() {
  const { t } = useTranslation();
  return (x: Trial) =>
    x.version > 0
      ? t("rules.trial.became", { n: x.version })
      : x.draft
        ? t("rules.trial.draft")
        : t("rules.trial.older");
}
