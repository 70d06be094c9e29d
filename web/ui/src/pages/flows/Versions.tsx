import { Badge, Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { can, useMe } from "../../app/session";
import { problemText } from "../../components/problem";
import { Broken, Loading } from "../../components/States";
import { dateTime } from "../../lib/format";
import { Diff } from "../rules/Diff";
import { type Column, DataTable } from "../shared/DataTable";

export type Version = Schemas["FlowVersion"];
type Named = { kind: string; name: string };

/** A version with its text; one that is no draft never changes. */
export function useText({ kind, name }: Named, version: Version | undefined) {
  return useQuery({
    queryKey: ["flows", kind, name, "text", version?.version, version?.created_at],
    queryFn: () =>
      got(
        api.GET("/api/v1/flows/{kind}/{name}/versions/{version}", {
          params: { path: { kind: kind as "flow", name, version: version?.version ?? 0 } },
        }),
      ),
    enabled: version !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Every version that there was: who, when, why; its difference to the live one, and the way back to it. */
export function Versions({ kind, name, versions }: Named & { versions: Version[] }) {
  const { t, i18n } = useTranslation();
  const may = can(useMe(), "flows_edit");
  const [shown, setShown] = useState<Version | null>(null);
  const [back, setBack] = useState<Version | null>(null);
  const who = (v: Version, person: string, at: string | null) =>
    at ? `${person || t(`flows.origin.${v.origin}`)} ${dateTime(at, i18n.language)}` : "–";
  const columns: Column<Version>[] = [
    { key: "version", label: t("flows.version"), figure: true, cell: (v) => v.version },
    {
      key: "state",
      label: t("flows.versions.state"),
      cell: (v) => (
        <Group gap={4} wrap="nowrap">
          <Badge variant={v.state === "live" ? "filled" : "default"} size="sm" tt="none" miw="fit-content">
            {t(`flows.state.${v.state}`)}
          </Badge>
          {v.back_to > 0 && <Text size="xs">{t("flows.versions.back_to", { n: v.back_to })}</Text>}
        </Group>
      ),
    },
    {
      key: "drafted",
      label: t("flows.versions.drafted"),
      cell: (v) => who(v, v.drafter || v.created_by, v.created_at),
    },
    { key: "live", label: t("flows.versions.live"), cell: (v) => who(v, v.publisher || v.live_by, v.live_at) },
    {
      key: "note",
      label: t("flows.versions.note"),
      cell: (v) => (v.origin === "file" ? t("flows.origin.file") : v.note),
    },
    {
      key: "do",
      label: t("flows.versions.actions"),
      cell: (v) => (
        <Group gap={6} wrap="nowrap">
          {v.state !== "live" && (
            <Button size="compact-xs" variant="default" onClick={() => setShown(v)}>
              {t("flows.versions.show")}
            </Button>
          )}
          {may && v.state === "retired" && (
            <Button size="compact-xs" variant="subtle" onClick={() => setBack(v)} data-testid={`back-to-${v.version}`}>
              {t("flows.versions.back")}
            </Button>
          )}
        </Group>
      ),
    },
  ];
  return (
    <>
      <DataTable label={t("flows.tab.versions")} rows={versions} rowKey={(v) => String(v.version)} columns={columns} />
      {shown && <Difference kind={kind} name={name} versions={versions} shown={shown} close={() => setShown(null)} />}
      {back && <GoBack kind={kind} name={name} to={back} close={() => setBack(null)} />}
    </>
  );
}

function Difference(props: Named & { versions: Version[]; shown: Version; close: () => void }) {
  const { t } = useTranslation();
  const live = props.versions.find((v) => v.state === "live");
  const before = useText(props, live);
  const after = useText(props, props.shown);
  const title = t("flows.versions.diff", { n: props.shown.version });
  const error = before.error ?? after.error;
  return (
    <Modal
      opened
      size="xl"
      closeButtonProps={{ "aria-label": t("flows.publish.cancel") }}
      onClose={props.close}
      title={title}
    >
      {error && <Broken error={error} />}
      {!error && (after.isPending || (live && before.isPending)) && <Loading />}
      {after.data && (!live || before.data) && (
        <Diff before={before.data?.yaml ?? ""} after={after.data.yaml} label={title} same={t("flows.versions.same")} />
      )}
    </Modal>
  );
}

function GoBack({ kind, name, to, close }: Named & { to: Version; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const back = useMutation({
    mutationFn: () =>
      got(
        api.POST("/api/v1/flows/{kind}/{name}/versions/{version}/restore", {
          params: { path: { kind: kind as "flow", name, version: to.version } },
          body: { note: note.trim() },
        }),
      ),
    onSuccess: (v) => {
      notifications.show({ message: t("flows.publish.done", { n: v.version }) });
      close();
      return client.invalidateQueries({ queryKey: ["flows"] });
    },
  });
  const problem = back.error ? problemText(back.error, t) : null;
  return (
    <Modal
      opened
      closeButtonProps={{ "aria-label": t("flows.publish.cancel") }}
      onClose={close}
      title={t("flows.versions.back_title", { n: to.version })}
    >
      <Stack gap="sm">
        <Text size="sm" className="prose">
          {t("flows.versions.back_explained")}
        </Text>
        <Textarea
          label={t("flows.versions.why")}
          required
          autosize
          minRows={2}
          maxLength={500}
          value={note}
          onChange={(e) => setNote(e.currentTarget.value)}
          data-autofocus
        />
        {problem && (
          <Text size="sm" c="red" role="alert">
            {problem.title}：{problem.remedy}
          </Text>
        )}
        <Group justify="flex-end">
          <Button
            size="xs"
            disabled={note.trim() === ""}
            loading={back.isPending}
            onClick={() => back.mutate()}
            data-testid="go-back"
          >
            {t("flows.versions.back")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
