import { Anchor, Badge, Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { can, useMe } from "../../app/session";
import { PageTitle } from "../../components/PageTitle";
import { problemText } from "../../components/problem";
import { Broken, Loading } from "../../components/States";
import { dateTime } from "../../lib/format";
import { type Column, DataTable } from "../shared/DataTable";
import { Diff } from "./Diff";
import { RuleTabs } from "./parts";

type Version = Schemas["TextVersion"];

/** Every version that there was: who, when, why; its difference to the live one, and the way back to it. */
export default function HistoryPage() {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["rules", "versions"], queryFn: () => got(api.GET("/api/v1/rules/versions")) });
  const [shown, setShown] = useState<Version | null>(null);
  const [back, setBack] = useState<Version | null>(null);
  const live = found.data?.items.find((v) => v.state === "live");
  return (
    <>
      <PageTitle titleKey="rules.title">
        <RuleTabs />
      </PageTitle>
      {found.isPending && <Loading />}
      {found.isError && <Broken error={found.error} retry={() => void found.refetch()} />}
      {found.data && <Versions versions={found.data.items} show={setShown} back={setBack} />}
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

function Versions(props: { versions: Version[]; show: (v: Version) => void; back: (v: Version) => void }) {
  const { t, i18n } = useTranslation();
  const may = can(useMe(), "rules");
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
    {
      key: "drafted",
      label: t("rules.history.drafted"),
      cell: (v) => who(v.drafter, v.created_by, v.created_at),
    },
    { key: "live", label: t("rules.history.live"), cell: (v) => who(v.publisher, v.live_by, v.live_at) },
    {
      key: "note",
      label: t("rules.history.note"),
      cell: (v) => (
        <div className="say">{v.created_by === "" && v.version === 1 ? t("rules.history.shipped") : v.note}</div>
      ),
    },
    {
      key: "do",
      label: t("rules.history.actions"),
      cell: (v) => (
        <Group gap={6} wrap="nowrap">
          {v.state !== "live" && (
            <Button size="compact-xs" variant="default" onClick={() => props.show(v)}>
              {t("rules.history.show")}
            </Button>
          )}
          {may && (
            <Anchor size="xs" renderRoot={(p) => <Link to="/rules/edit" search={{ from: v.version }} {...p} />}>
              {t("rules.history.edit")}
            </Anchor>
          )}
          {may && v.state === "retired" && (
            <Button size="compact-xs" variant="subtle" onClick={() => props.back(v)}>
              {t("rules.history.back")}
            </Button>
          )}
        </Group>
      ),
    },
  ];
  return (
    <DataTable
      label={t("rules.tab.history")}
      rows={props.versions}
      rowKey={(v) => String(v.version)}
      columns={columns}
    />
  );
}

function GoBack({ to, close }: { to: Version; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const back = useMutation({
    mutationFn: () =>
      got(
        api.POST("/api/v1/rules/versions/{version}/restore", {
          params: { path: { version: to.version } },
          body: { note: note.trim() },
        }),
      ),
    onSuccess: (v) => {
      notifications.show({ message: t("rules.history.done", { version: v.version }) });
      close();
      return client.invalidateQueries({ queryKey: ["rules"] });
    },
  });
  const problem = back.error ? problemText(back.error, t) : null;
  return (
    <Modal opened onClose={close} title={t("rules.history.back_title", { n: to.version })}>
      <Stack gap="sm">
        <Text size="sm" className="prose">
          {t("rules.history.back_explained")}
        </Text>
        <Textarea
          label={t("rules.history.why")}
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
          <Button size="xs" disabled={note.trim() === ""} loading={back.isPending} onClick={() => back.mutate()}>
            {t("rules.history.do")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
