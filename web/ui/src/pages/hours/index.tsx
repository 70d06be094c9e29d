import { Alert, Button, Card, Group, Select, SimpleGrid, Stack, Tabs, Text } from "@mantine/core";
import { IconCircleCheck, IconMoon, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { PageTitle } from "../../components/PageTitle";
import { Broken, Empty, Loading } from "../../components/States";
import { named } from "../../i18n";
import { useFilters } from "../shared/search";
import { CheckLine } from "./CheckLine";
import { Emergency } from "./Emergency";
import { History } from "./History";
import { type Calendar, calendarsQuery, stateText } from "./hours";
import { NewCalendar } from "./NewCalendar";
import { Office } from "./Office";
import { Week } from "./Week";
import { YearPage } from "./Year";
import "./hours.css";

const tabs = ["week", "year", "office", "history"] as const;

/** Opening hours, holidays and the emergency switch. */
export default function HoursPage() {
  const { t } = useTranslation();
  const { data, isPending, error, refetch } = useQuery(calendarsQuery);
  const [filters, set] = useFilters();
  const [adding, add] = useState(false);
  const all = data?.items ?? [];
  const chosen = all.find((c) => c.name === filters.calendar) ?? all[0];
  const tab = tabs.find((name) => name === filters.tab) ?? "week";
  const addButton = (
    <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => add(true)}>
      {t("hours.add")}
    </Button>
  );
  return (
    <>
      <PageTitle titleKey="hours.title">
        <Group gap="xs">
          {all.length > 1 && (
            <Select
              size="xs"
              aria-label={t("hours.calendar")}
              data={all.map((c) => ({ value: c.name, label: named(c) }))}
              value={chosen?.name ?? null}
              allowDeselect={false}
              onChange={(calendar) => set({ calendar: calendar ?? undefined })}
            />
          )}
          {chosen && addButton}
        </Group>
      </PageTitle>
      {isPending && <Loading />}
      {error && <Broken error={error} retry={() => void refetch()} />}
      {data && !chosen && <Empty title={t("hours.empty")} hint={t("hours.empty_hint")} action={addButton} />}
      {chosen && (
        <Stack key={chosen.name}>
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            <Now calendar={chosen} />
            <Emergency calendar={chosen} />
          </SimpleGrid>
          <Tabs value={tab} onChange={(name) => set({ tab: name ?? undefined })} keepMounted={false}>
            <Tabs.List mb="md" aria-label={t("hours.title")}>
              {tabs.map((name) => (
                <Tabs.Tab key={name} value={name}>
                  {t(`hours.tabs.${name}`)}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            <Tabs.Panel value="week">
              <Week calendar={chosen} />
            </Tabs.Panel>
            <Tabs.Panel value="year">
              <YearPage calendar={chosen} />
            </Tabs.Panel>
            <Tabs.Panel value="office">
              <Office />
            </Tabs.Panel>
            <Tabs.Panel value="history">
              <History name={chosen.name} />
            </Tabs.Panel>
          </Tabs>
        </Stack>
      )}
      {adding && (
        <NewCalendar
          close={() => add(false)}
          added={(calendar) => {
            add(false);
            set({ calendar, tab: "week" });
          }}
        />
      )}
    </>
  );
}

/** What the calendar says at this moment, and what a caller would hear at another. */
function Now({ calendar }: { calendar: Calendar }) {
  const { t, i18n } = useTranslation();
  const { open } = calendar.state;
  return (
    <Card withBorder>
      <Stack gap="xs">
        <Group gap="xs" role="status">
          {open ? (
            <IconCircleCheck size={20} color="var(--mantine-color-green-text)" aria-hidden />
          ) : (
            <IconMoon size={20} aria-hidden />
          )}
          <Text fw={650}>{t(open ? "hours.open" : "hours.closed")}</Text>
          <Text size="sm">{stateText(calendar.state, t, i18n.language)}</Text>
        </Group>
        {calendar.flows.length > 0 ? (
          <Text size="sm" c="dimmed">
            {t("hours.in_use", { flows: calendar.flows.join(", ") })}
          </Text>
        ) : (
          <Alert color="yellow" variant="light" p="xs">
            {t("hours.unused", { name: calendar.name })}
          </Alert>
        )}
        <CheckLine calendar={calendar} />
      </Stack>
    </Card>
  );
}
