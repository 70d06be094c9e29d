import { Group, Text, UnstyledButton } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircle,
  IconCircleCheck,
  IconCircleX,
  IconHandStop,
  IconHeartHandshake,
  IconMessage2,
  IconPhoneOutgoing,
} from "@tabler/icons-react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { dateTime, phone } from "../../lib/format";
import { useNames } from "../shared/lists";
import type { Task } from "./index";

const kindIcons = { callback: IconPhoneOutgoing, "follow-up": IconHeartHandshake, message: IconMessage2 };
const stateSigns = {
  open: { icon: IconCircle, color: "blue" },
  taken: { icon: IconHandStop, color: "teal" },
  done: { icon: IconCircleCheck, color: "green" },
  dropped: { icon: IconCircleX, color: "gray" },
};

/** What a task says of itself; a survey's names the question and the answer. */
export function noteOf(task: Task, t: TFunction): string {
  const [question, value] = task.note.split(": ");
  if (task.made_by !== "survey" || value === undefined) return task.note;
  return `${t(`surveys.${question}`, { defaultValue: question })} ${t("surveys.points", { value })}`;
}

/** How far a task is: a sign, a word and, past its time, a warning. */
export function TaskState({ task }: { task: Task }) {
  const { t } = useTranslation();
  const sign = stateSigns[task.state];
  return (
    <Group gap={4} wrap="nowrap" component="span">
      <sign.icon size={15} color={`var(--mantine-color-${sign.color}-text)`} aria-hidden />
      <Text span size="xs">
        {t(`tasks.state.${task.state}`)}
        {task.owner_name ? ` · ${task.owner_name}` : ""}
      </Text>
      {task.late && (
        <Text span size="xs" fw={600}>
          <IconAlertTriangle size={13} color="var(--mantine-color-red-text)" aria-hidden /> {t("tasks.late")}
        </Text>
      )}
    </Group>
  );
}

export function TaskItem({ task, current, open }: { task: Task; current: boolean; open: () => void }) {
  const { t, i18n } = useTranslation();
  const names = useNames();
  const Icon = kindIcons[task.kind];
  return (
    <UnstyledButton
      id={`task-${task.id}`}
      className="task-item"
      aria-current={current ? "true" : undefined}
      onClick={open}
    >
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="sm" fw={600} truncate>
          <Icon size={15} aria-hidden /> {t(`tasks.kind.${task.kind}`)}
          {task.queue_id && ` · ${names.queue(task.queue_id)}`}
        </Text>
        <Text size="xs" c="dimmed" className="figure">
          {dateTime(task.due, i18n.language)}
        </Text>
      </Group>
      <Text size="sm" truncate>
        {[task.customer_name, phone(task.caller), noteOf(task, t)].filter(Boolean).join("　") || "–"}
      </Text>
      <TaskState task={task} />
    </UnstyledButton>
  );
}
