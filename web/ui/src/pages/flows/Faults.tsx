import { Alert, Anchor, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "../../api/client";
import { problemText } from "../../components/problem";

export type Fault = Schemas["FlowFault"];

/** What is wrong and what to do, in the reader's language. */
export function useSaid(): (f: Fault) => { message: string; remedy: string } {
  const { i18n } = useTranslation();
  return (f) =>
    i18n.language.startsWith("zh")
      ? { message: f.message_zh, remedy: f.remedy_zh }
      : { message: f.message, remedy: f.remedy };
}

/** Everything that is wrong, or odd, each with its place and what to do. */
export function Faults(props: { faults: Fault[]; error: Error | null; go: (line: number, step: string) => void }) {
  const { t } = useTranslation();
  const said = useSaid();
  const problem = props.error ? problemText(props.error, t) : null;
  if (problem)
    return (
      <Alert
        color="orange"
        variant="light"
        p="xs"
        mt="xs"
        icon={<IconAlertTriangle aria-hidden />}
        title={problem.title}
      >
        {problem.remedy}
      </Alert>
    );
  if (props.faults.length === 0)
    return (
      <Alert
        variant="light"
        color="green"
        p="xs"
        mt="xs"
        icon={<IconCircleCheck aria-hidden />}
        role="status"
        data-testid="flow-faults"
      >
        {t("flows.edit.no_faults")}
      </Alert>
    );
  const graves = props.faults.filter((f) => !f.warning).length;
  return (
    <Alert
      variant="light"
      color={graves > 0 ? "red" : "orange"}
      p="xs"
      mt="xs"
      icon={<IconAlertTriangle aria-hidden />}
      title={
        graves > 0 ? t("flows.faults_n", { count: graves }) : t("flows.warnings_n", { count: props.faults.length })
      }
      role="status"
      data-testid="flow-faults"
      className="flow-faults"
    >
      <Stack gap={4}>
        {props.faults.map((f) => (
          <div key={`${f.line} ${f.column} ${f.message}`}>
            <Anchor component="button" type="button" size="sm" onClick={() => props.go(f.line, f.step)}>
              {t("flows.edit.line", { n: f.line })}
            </Anchor>{" "}
            <Text span size="sm">
              {f.warning && `${t("flows.warning")}：`}
              {said(f).message}
              <Text span size="sm" fw={600}>
                {" → "}
                {said(f).remedy}
              </Text>
            </Text>
          </div>
        ))}
      </Stack>
    </Alert>
  );
}
