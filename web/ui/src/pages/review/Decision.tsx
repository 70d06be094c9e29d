import { Alert, Button, Group, Text, Textarea } from "@mantine/core";
import { IconGavel } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { problemText } from "../../components/problem";
import { type Finding, sheetKey } from "../quality/parts";

/** Decides an appeal. The server refuses whoever looked first; so does the page, in words. */
export function Decision({ leg, finding: f }: { leg: string; finding: Finding }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const decide = useMutation({
    mutationFn: (mark: "upheld" | "overturned") =>
      api.POST("/api/v1/review/calls/{leg}/findings/{finding}/decision", {
        params: { path: { leg, finding: f.id } },
        body: { mark, note },
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: sheetKey(leg) });
      void client.invalidateQueries({ queryKey: ["review"] });
    },
  });
  const problem = decide.error ? problemText(decide.error, t) : null;
  return (
    <Alert
      variant="light"
      color="orange"
      mt={4}
      p="xs"
      icon={<IconGavel aria-hidden />}
      title={t("review.appeal.title")}
    >
      <Textarea
        size="xs"
        autosize
        minRows={2}
        required
        data-testid="decision-note"
        label={t("review.appeal.note")}
        maxLength={2000}
        value={note}
        onChange={(e) => setNote(e.currentTarget.value)}
      />
      <Group gap="xs" mt={6}>
        {(["upheld", "overturned"] as const).map((mark) => (
          <Button
            key={mark}
            data-testid={`decide-${mark}`}
            size="compact-xs"
            variant="default"
            disabled={note.trim() === ""}
            loading={decide.isPending}
            onClick={() => decide.mutate(mark)}
          >
            {t(`review.appeal.${mark}`)}
          </Button>
        ))}
      </Group>
      {problem && (
        <Text size="xs" c="red" role="alert" mt={4}>
          {problem.title}：{problem.remedy}
        </Text>
      )}
    </Alert>
  );
}
