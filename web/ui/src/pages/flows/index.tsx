import { Anchor, Badge, Button, Group, Modal, Radio, Stack, Text, TextInput } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { can, useMe } from "../../app/session";
import { PageTitle } from "../../components/PageTitle";
import { Broken, Empty, Loading } from "../../components/States";
import { dateTime, phone } from "../../lib/format";
import { type Column, DataTable } from "../shared/DataTable";
import { useListed } from "./label";
import { templates } from "./template";

type Summary = Schemas["FlowSummary"];

export const flowsQuery = { queryKey: ["flows"], queryFn: () => got(api.GET("/api/v1/flows")) };

/** Every flow and survey: what is live, what is being worked on, and whether it is whole. */
export default function FlowsPage() {
  const { t } = useTranslation();
  const found = useQuery(flowsQuery);
  const may = can(useMe(), "flows_edit");
  const [adding, setAdding] = useState<"flow" | "survey" | null>(null);
  const add = may && (
    <Group gap="xs">
      {(["flow", "survey"] as const).map((kind) => (
        <Button
          key={kind}
          size="xs"
          variant={kind === "flow" ? "filled" : "default"}
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setAdding(kind)}
          data-testid={`new-${kind}`}
        >
          {t(`flows.new.${kind}`)}
        </Button>
      ))}
    </Group>
  );
  return (
    <>
      <PageTitle titleKey="flows.title">{add}</PageTitle>
      <Text size="sm" c="dimmed" mb="sm" className="prose">
        {t("flows.explained")}
      </Text>
      {found.isPending && <Loading />}
      {found.isError && <Broken error={found.error} retry={() => void found.refetch()} />}
      {found.data?.items.length === 0 && <Empty title={t("flows.empty")} hint={t("flows.empty_hint")} action={add} />}
      {found.data && found.data.items.length > 0 && <Table rows={found.data.items} />}
      {adding && <NewFlow kind={adding} taken={found.data?.items ?? []} close={() => setAdding(null)} />}
    </>
  );
}

function Table({ rows }: { rows: Summary[] }) {
  const { t, i18n } = useTranslation();
  const listed = useListed();
  const columns: Column<Summary>[] = [
    {
      key: "name",
      label: t("flows.name"),
      sort: (f) => f.name,
      cell: (f) => (
        <Anchor
          size="sm"
          renderRoot={(p) => <Link to="/flows/$kind/$name" params={{ kind: f.kind, name: f.name }} {...p} />}
        >
          {f.name}
        </Anchor>
      ),
    },
    { key: "kind", label: t("flows.kind_of"), sort: (f) => f.kind, cell: (f) => t(`flows.of.${f.kind}`) },
    { key: "lines", label: t("flows.lines"), cell: (f) => listed(f.lines.map((l) => phone(l))) || "–" },
    {
      key: "live",
      label: t("flows.live"),
      cell: (f) =>
        f.live
          ? `${t("flows.version_n", { n: f.live.version })}　${f.live.live_at ? dateTime(f.live.live_at, i18n.language) : ""}　${f.live.publisher || t(`flows.origin.${f.live.origin}`)}`
          : t("flows.never_live"),
    },
    {
      key: "draft",
      label: t("flows.draft"),
      cell: (f) =>
        f.draft ? (
          <Group gap={6} wrap="nowrap">
            <Badge variant="default" size="sm" tt="none" miw="fit-content">
              {t("flows.state.draft")}
            </Badge>
            <Text size="xs">
              {f.draft.drafter || f.draft.created_by} {dateTime(f.draft.created_at, i18n.language)}
            </Text>
          </Group>
        ) : (
          "–"
        ),
    },
    { key: "faults", label: t("flows.faults"), sort: (f) => f.faults, cell: (f) => <Whole summary={f} /> },
  ];
  return (
    <DataTable label={t("flows.title")} rows={rows} rowKey={(f) => `${f.kind} ${f.name}`} columns={columns} opens />
  );
}

function Whole({ summary: f }: { summary: Summary }) {
  const { t } = useTranslation();
  const Icon = f.faults > 0 ? IconAlertTriangle : IconCircleCheck;
  return (
    <Group gap={4} wrap="nowrap" c={f.faults > 0 ? "red.8" : undefined}>
      <Icon size={15} aria-hidden />
      <Text size="sm">
        {f.faults > 0 ? t("flows.faults_n", { count: f.faults }) : t("flows.whole")}
        {f.warnings > 0 && `　${t("flows.warnings_n", { count: f.warnings })}`}
      </Text>
    </Group>
  );
}

const slug = /^[a-z][a-z0-9-]{0,63}$/;

function NewFlow({ kind, taken, close }: { kind: "flow" | "survey"; taken: Summary[]; close: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [from, setFrom] = useState(templates[kind]?.[0] ?? "");
  const twice = taken.some((f) => f.kind === kind && f.name === name);
  const wrong = name !== "" && !slug.test(name) ? t("flows.new.form") : twice ? t("fault.taken") : undefined;
  return (
    <Modal
      opened
      closeButtonProps={{ "aria-label": t("flows.publish.cancel") }}
      onClose={close}
      title={t(`flows.new.${kind}`)}
    >
      <form
        onSubmit={(e) => {
          e.preventDefault();
          if (name && !wrong) void navigate({ to: "/flows/$kind/$name", params: { kind, name }, search: { from } });
        }}
      >
        <Stack gap="sm">
          <TextInput
            label={t("flows.new.name")}
            description={t("flows.new.form")}
            value={name}
            error={wrong}
            onChange={(e) => setName(e.currentTarget.value)}
            data-autofocus
            data-testid="new-name"
          />
          <Radio.Group label={t("flows.new.from")} value={from} onChange={setFrom}>
            <Stack gap={6} mt={4}>
              {templates[kind]?.map((value) => (
                <Radio
                  key={value}
                  size="xs"
                  value={value}
                  label={t(`flows.template.${value}.name`)}
                  description={t(`flows.template.${value}.about`)}
                  data-testid={`from-${value}`}
                />
              ))}
            </Stack>
          </Radio.Group>
          <Group justify="flex-end">
            <Button size="xs" type="submit" disabled={name === "" || wrong !== undefined} data-testid="new-begin">
              {t("flows.new.begin")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
