import { Group, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { language } from "../../i18n";
import { type Calendar, moment, stateText } from "./hours";

/** What a caller would hear at a time, in every flow that goes by the hours. */
export function CheckLine({ calendar }: { calendar: Calendar }) {
  const { t, i18n } = useTranslation();
  const [local, setLocal] = useState("");
  const at = moment(local);
  const { data } = useQuery({
    queryKey: ["hours", "check", calendar.name, at, i18n.language],
    enabled: at !== undefined,
    queryFn: () =>
      got(
        api.GET("/api/v1/calendars/{name}/check", {
          params: { path: { name: calendar.name }, query: { at: at ?? "", lang: language() } },
        }),
      ),
  });
  return (
    <Stack gap={4}>
      <Group gap="xs" align="flex-end">
        <TextInput
          type="datetime-local"
          size="xs"
          label={t("hours.check.label")}
          value={local}
          onChange={(e) => setLocal(e.currentTarget.value)}
        />
        {at && data && (
          <Text size="sm" fw={600} pb={4}>
            {t(data.state.open ? "hours.open" : "hours.closed")}：{stateText(data.state, t, i18n.language)}
          </Text>
        )}
      </Group>
      {at && data && (
        <div role="status" data-testid="would-hear">
          {data.heard.length === 0 && (
            <Text size="sm" c="dimmed">
              {t("hours.check.none")}
            </Text>
          )}
          {data.heard.map((h) => (
            <WouldHear key={`${h.flow} ${h.step}`} heard={h} />
          ))}
        </div>
      )}
    </Stack>
  );
}

function WouldHear({ heard }: { heard: Schemas["Heard"] }) {
  const { t } = useTranslation();
  const said = heard.says.map((p) => p.text).join(" ");
  return (
    <Text size="sm" className="prose">
      {t("hours.check.flow", heard)}：
      {[
        heard.queue
          ? t("hours.check.queue", heard)
          : said
            ? `${t("hours.check.says")}「${said}」`
            : t("hours.check.nothing"),
        heard.ends && t("hours.check.ends"),
      ]
        .filter(Boolean)
        .join("，")}
    </Text>
  );
}
