import { Alert, Button, FileButton, Group, Modal, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPlus, IconUpload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { dateTime, phone } from "../../lib/format";
import type { Column } from "../shared/DataTable";
import { Listing } from "../shared/Listing";
import { useList } from "../shared/lists";
import { useFilters } from "../shared/search";
import { ListFaults } from "./Import";
import { base64, largestList, useCampaignChange } from "./save";
import "./campaigns.css";

type Entry = Schemas["BlockedNumber"];

/** Numbers that no campaign calls: who added them, when and why. */
export function BlockedList() {
  const { t, i18n } = useTranslation();
  const [filters, set] = useFilters();
  const [typed, setTyped] = useState(filters.number ?? "");
  const [adding, add] = useState(false);
  const [removing, remove] = useState<Entry | null>(null);
  const number = filters.number;
  const list = useList<Entry>(["campaigns", "blocked", number], (after) =>
    got(api.GET("/api/v1/do-not-call", { params: { query: { number, after } } })),
  );
  const label = (key: string) => t(`campaigns.blocked.${key}`);
  const columns: Column<Entry>[] = [
    { key: "phone", label: label("phone"), cell: (b) => <span className="figure">{phone(b.phone)}</span> },
    { key: "why", label: label("why"), cell: (b) => b.why },
    { key: "by", label: label("by"), cell: (b) => b.by_name },
    { key: "at", label: label("at"), cell: (b) => dateTime(b.at, i18n.language) },
    {
      key: "remove",
      label: "",
      cell: (b) => (
        <Button size="compact-xs" variant="default" onClick={() => remove(b)}>
          {label("remove")}
        </Button>
      ),
    },
  ];
  const addButton = (
    <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => add(true)}>
      {label("add")}
    </Button>
  );
  return (
    <Stack>
      <Text size="sm" className="prose">
        {label("hint")}
      </Text>
      <Group align="flex-end" justify="space-between">
        <form
          onSubmit={(e) => {
            e.preventDefault();
            set({ number: typed.trim() || undefined });
          }}
        >
          <Group align="flex-end" gap="xs">
            <TextInput
              size="xs"
              label={label("search")}
              placeholder={label("search_hint")}
              value={typed}
              onChange={(e) => setTyped(e.currentTarget.value)}
            />
            <Button size="xs" type="submit" variant="default">
              {label("find")}
            </Button>
          </Group>
        </form>
        {addButton}
      </Group>
      <Listing
        label={t("campaigns.tabs.blocked")}
        list={list}
        columns={columns}
        rowKey={(b) => String(b.id)}
        empty={{
          title: label(number ? "empty_found" : "empty"),
          hint: label(number ? "empty_found_hint" : "empty_hint"),
          action: number ? undefined : addButton,
        }}
      />
      {adding && <Add close={() => add(false)} />}
      {removing && <Remove entry={removing} close={() => remove(null)} />}
    </Stack>
  );
}

function Add({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const [numbers, setNumbers] = useState("");
  const [why, setWhy] = useState("");
  const [file, setFile] = useState<{ name: string; data: string } | null>(null);
  const save = useCampaignChange(
    (faulty: number) =>
      got(
        api.POST("/api/v1/do-not-call", {
          body: { why: why.trim(), faulty, ...(file ? { data: file.data } : { numbers }) },
        }),
      ),
    "",
    (found) => {
      if (found.faulty > 0 && found.good === 0 && save.variables !== found.faulty) return;
      notifications.show({ color: "green", message: t("campaigns.said.blocked") });
      close();
    },
  );
  const choose = async (chosen: File | null) => {
    if (!chosen) return;
    if (chosen.size > largestList) {
      notifications.show({ color: "red", message: t("campaigns.import.too_large") });
      return;
    }
    setFile({ name: chosen.name, data: await base64(chosen) });
    save.reset();
  };
  const faulty = save.data?.faulty ?? 0;
  return (
    <Modal opened onClose={close} title={t("campaigns.blocked.add")}>
      <Stack>
        <Textarea
          label={t("campaigns.blocked.numbers")}
          description={t("campaigns.blocked.numbers_hint")}
          autosize
          minRows={3}
          maxLength={20_000}
          disabled={file !== null}
          value={numbers}
          onChange={(e) => {
            setNumbers(e.currentTarget.value);
            save.reset();
          }}
          data-autofocus
        />
        <Group gap="xs">
          <FileButton
            onChange={(f) => void choose(f)}
            accept=".csv,.xlsx,text/csv"
            inputProps={{ "aria-label": t("campaigns.import.choose") }}
          >
            {(p) => (
              <Button {...p} size="xs" variant="default" leftSection={<IconUpload size={14} aria-hidden />}>
                {t("campaigns.import.choose")}
              </Button>
            )}
          </FileButton>
          {file && <Text size="sm">{file.name}</Text>}
        </Group>
        <TextInput
          label={t("campaigns.blocked.why")}
          placeholder={t("campaigns.blocked.why_hint")}
          required
          maxLength={200}
          value={why}
          onChange={(e) => setWhy(e.currentTarget.value)}
        />
        {save.data && faulty > 0 && (
          <>
            <Alert color="yellow" variant="light" role="alert">
              {t("campaigns.blocked.faults", { count: faulty })}
            </Alert>
            <ListFaults found={save.data} />
          </>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("campaigns.cancel")}
          </Button>
          <Button
            disabled={!why.trim() || (!numbers.trim() && !file)}
            loading={save.isPending}
            onClick={() => save.mutate(faulty)}
          >
            {faulty > 0 ? t("campaigns.blocked.save_without", { count: faulty }) : t("campaigns.blocked.save")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Remove({ entry, close }: { entry: Entry; close: () => void }) {
  const { t } = useTranslation();
  const [why, setWhy] = useState("");
  const run = useCampaignChange(
    () =>
      api.DELETE("/api/v1/do-not-call/{entry}", {
        params: { path: { entry: entry.id }, query: { why: why.trim() } },
      }),
    "campaigns.said.unblocked",
    close,
  );
  return (
    <Modal opened onClose={close} title={t("campaigns.blocked.remove_title")}>
      <Stack>
        <Text className="figure">{phone(entry.phone)}</Text>
        <TextInput
          label={t("campaigns.blocked.remove_why")}
          required
          maxLength={200}
          value={why}
          onChange={(e) => setWhy(e.currentTarget.value)}
          data-autofocus
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("campaigns.cancel")}
          </Button>
          <Button color="red" disabled={!why.trim()} loading={run.isPending} onClick={() => run.mutate(undefined)}>
            {t("campaigns.blocked.remove")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
