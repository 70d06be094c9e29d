import { Alert, Button, Card, FileButton, Group, List, Stack, Table, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconUpload } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { problemText } from "../../components/problem";
import { Broken, Loading } from "../../components/States";
import { dateTime, date as dayText } from "../../lib/format";
import { yearsQuery } from "./hours";
import { useHoursChange } from "./save";

/** As calendar.MaxFile of the server. */
const largest = 64 * 1024;

async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
}

/** The office calendars that are here, and the import of another. */
export function Office() {
  const { t, i18n } = useTranslation();
  const { data, isPending, error, refetch } = useQuery(yearsQuery);
  const [file, setFile] = useState<string | null>(null);
  const again = useRef<() => void>(null);
  const preview = useMutation({
    mutationFn: (data: string) => got(api.POST("/api/v1/office-years/preview", { body: { data } })),
    onError: (e) => {
      const { title, remedy } = problemText(e, t);
      notifications.show({ color: "red", title, message: remedy });
    },
  });
  const forget = () => {
    setFile(null);
    preview.reset();
  };
  const run = useHoursChange(
    (data: string) => api.POST("/api/v1/office-years", { body: { data } }),
    "hours.day.saved",
    forget,
  );
  const choose = async (chosen: File | null) => {
    if (!chosen) return;
    if (chosen.size > largest) {
      notifications.show({ color: "red", message: t("hours.office.too_large") });
      return;
    }
    const data = await base64(chosen);
    again.current?.(); // so that the same file is read again once it is mended
    setFile(data);
    preview.mutate(data);
  };
  if (isPending) return <Loading />;
  if (error) return <Broken error={error} retry={() => void refetch()} />;
  return (
    <Stack>
      <Text size="sm" className="prose">
        {t("hours.office.hint")}
      </Text>
      <Group>
        <FileButton
          resetRef={again}
          onChange={(f) => void choose(f)}
          accept=".csv,text/csv"
          inputProps={{ "aria-label": t("hours.office.choose") }}
        >
          {(props) => (
            <Button {...props} size="xs" leftSection={<IconUpload size={14} aria-hidden />} loading={preview.isPending}>
              {t("hours.office.choose")}
            </Button>
          )}
        </FileButton>
      </Group>
      {file && preview.data && (
        <Preview found={preview.data} run={() => run.mutate(file)} busy={run.isPending} cancel={forget} />
      )}
      <Table verticalSpacing={4} maw={760}>
        <Table.Thead>
          <Table.Tr>
            {(["year", "holidays", "make_up", "source"] as const).map((c) => (
              <Table.Th key={c}>{t(`hours.office.${c}`)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {(data?.items ?? []).map((y) => (
            <Table.Tr key={y.year}>
              <Table.Td>{y.year}</Table.Td>
              <Table.Td>{y.days.filter((d) => d.kind === "holiday").length}</Table.Td>
              <Table.Td>{y.days.filter((d) => d.kind === "make_up").length}</Table.Td>
              <Table.Td>
                {y.imported_at
                  ? t("hours.office.imported", { name: y.imported_name, at: dateTime(y.imported_at, i18n.language) })
                  : t("hours.office.shipped")}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}

function Preview(props: { found: Schemas["OfficePreview"]; run: () => void; busy: boolean; cancel: () => void }) {
  const { t, i18n } = useTranslation();
  const { found } = props;
  if (found.faults.length > 0) {
    return (
      <Alert
        color="red"
        variant="light"
        title={t("hours.office.faults", { count: found.faults.length })}
        role="alert"
        data-testid="import-faults"
      >
        <List size="sm">
          {found.faults.map((f) => (
            <List.Item key={`${f.line} ${f.message}`}>
              {t("hours.office.line", { line: f.line })}：{f.message}（{f.remedy}）
            </List.Item>
          ))}
        </List>
        <Button mt="xs" size="xs" variant="default" onClick={props.cancel}>
          {t("hours.office.cancel")}
        </Button>
      </Alert>
    );
  }
  const difference = !found.replaces
    ? t("hours.office.fresh", { year: found.year })
    : found.new.length === 0
      ? t("hours.office.same", { year: found.year })
      : t("hours.office.replaces", { year: found.year, count: found.new.length, days: found.new.join(", ") });
  return (
    <Card withBorder data-testid="import-preview">
      <Stack gap="xs">
        <Title order={3} size="h5">
          {t("hours.office.preview", { year: found.year })}
        </Title>
        <Text size="sm">{t("hours.office.counts", found)}</Text>
        <Text size="sm">{difference}</Text>
        <ul className="preview-days">
          {found.days.map((d) => (
            <li key={d.date}>
              {dayText(`${d.date}T12:00:00+08:00`, i18n.language)}{" "}
              {t(`hours.year.legend.${d.kind as "holiday" | "make_up"}`)} {d.name}
            </li>
          ))}
        </ul>
        <Group>
          <Button onClick={props.run} loading={props.busy} data-testid="import-yes">
            {t("hours.office.run")}
          </Button>
          <Button variant="default" onClick={props.cancel}>
            {t("hours.office.cancel")}
          </Button>
        </Group>
      </Stack>
    </Card>
  );
}
