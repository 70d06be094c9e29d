import { NumberInput, Switch, Table, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconHeartHandshake } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { can, useMe } from "../../app/session";
import { problemText } from "../../components/problem";
import { Broken, Empty, Loading } from "../../components/States";
import { language } from "../../i18n";
import { DialogButton } from "./DialogButton";

type FollowUp = Schemas["FollowUp"];

/** Highest answers that may still count as low. */
const most: Record<string, number> = { csat5: 4, nps11: 9 };

/** Which answers make a task for somebody; who keeps the site in order may change it. */
export function FollowUps() {
  const { t } = useTranslation();
  return (
    <DialogButton title={t("surveys.follow_ups")} icon={<IconHeartHandshake size={14} aria-hidden />} size="lg">
      <Rules />
    </DialogButton>
  );
}

function Rules() {
  const { t } = useTranslation();
  const rules = useQuery({
    queryKey: ["surveys", "follow-ups"],
    queryFn: () => got(api.GET("/api/v1/follow-ups")),
  });
  if (rules.isPending) return <Loading />;
  if (rules.isError) return <Broken error={rules.error} retry={() => void rules.refetch()} />;
  const items = rules.data.items ?? [];
  if (items.length === 0) return <Empty title={t("surveys.empty.title")} hint={t("surveys.empty.no_answers")} />;
  return (
    <>
      <Text size="sm" mb="sm">
        {t("surveys.follow_ups_hint")}
      </Text>
      <Table verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t("surveys.question")}</Table.Th>
            <Table.Th>{t("surveys.follow_up_at_most")}</Table.Th>
            <Table.Th>{t("surveys.follow_up_active")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((r) => (
            <Rule key={`${r.survey} ${r.question}`} rule={r} />
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}

function Rule({ rule }: { rule: FollowUp }) {
  const { t } = useTranslation();
  const me = useMe();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: (body: { at_most: number; active: boolean }) =>
      api.PUT("/api/v1/follow-ups/{survey}/{question}", {
        params: { path: { survey: rule.survey, question: rule.question } },
        body,
      }),
    onSuccess: () => notifications.show({ color: "green", message: t("admin.saved") }),
    onError: (error) => {
      const { title, remedy } = problemText(error, t);
      notifications.show({ color: "red", title, message: remedy });
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["surveys", "follow-ups"] }),
  });
  const fixed = !can(me, "site") || save.isPending;
  const name = t(`surveys.${rule.question}`, { defaultValue: rule.question });
  return (
    <Table.Tr>
      <Table.Td>
        {name}
        <Text size="xs" c="dimmed">
          {language() === "en" ? rule.en : rule.zh}
        </Text>
      </Table.Td>
      <Table.Td>
        <NumberInput
          size="xs"
          w={80}
          aria-label={`${name} ${t("surveys.follow_up_at_most")}`}
          min={0}
          max={most[rule.kind] ?? 10}
          defaultValue={rule.at_most}
          disabled={fixed}
          onBlur={(e) => {
            const value = Number(e.currentTarget.value);
            if (e.currentTarget.value !== "" && value !== rule.at_most)
              save.mutate({ at_most: value, active: rule.active });
          }}
        />
      </Table.Td>
      <Table.Td>
        <Switch
          aria-label={`${name} ${t("surveys.follow_up_active")}`}
          checked={rule.active}
          disabled={fixed}
          onChange={(e) => save.mutate({ at_most: rule.at_most, active: e.currentTarget.checked })}
        />
      </Table.Td>
    </Table.Tr>
  );
}
