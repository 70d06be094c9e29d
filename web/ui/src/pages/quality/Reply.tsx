import { Button, Group, Text, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../api/client";
import { problemText } from "../../components/problem";
import { type Finding, sheetKey } from "./parts";

const final = ["rejected", "appealed", "upheld", "overturned"];

/** What agents say to a finding of their own: seen, or wrong and why. */
export function Reply({ leg, finding: f }: { leg: string; finding: Finding }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [reason, setReason] = useState<string | null>(null);
  const reply = useMutation({
    mutationFn: (body: { mark: "acknowledged" | "appealed"; reason?: string }) =>
      api.POST("/api/v1/quality/calls/{leg}/findings/{finding}/response", {
        params: { path: { leg, finding: f.id } },
        body,
      }),
    onSuccess: () => {
      setReason(null);
      return client.invalidateQueries({ queryKey: sheetKey(leg) });
    },
  });
  const problem = reply.error ? problemText(reply.error, t) : null;
  return (
    <>
      <Group gap="xs" mt={2}>
        {f.seen ? (
          <Text size="xs" c="dimmed">
            {t("quality.reply.seen")}
          </Text>
        ) : (
          <Button
            size="compact-xs"
            variant="default"
            loading={reply.isPending}
            onClick={() => reply.mutate({ mark: "acknowledged" })}
          >
            {t("quality.reply.acknowledge")}
          </Button>
        )}
        {!final.includes(f.stands) && reason === null && (
          <Button size="compact-xs" variant="subtle" data-testid="appeal" onClick={() => setReason("")}>
            {t("quality.reply.appeal")}
          </Button>
        )}
      </Group>
      {reason !== null && (
        <form
          onSubmit={(e) => {
            e.preventDefault();
            reply.mutate({ mark: "appealed", reason });
          }}
        >
          <Textarea
            mt={4}
            size="xs"
            autosize
            minRows={2}
            autoFocus
            required
            data-testid="appeal-reason"
            label={t("quality.reply.reason")}
            description={t("quality.reply.reason_hint")}
            value={reason}
            maxLength={2000}
            onChange={(e) => setReason(e.currentTarget.value)}
            onKeyDown={(e) => e.key === "Escape" && setReason(null)}
          />
          <Group gap="xs" mt={4}>
            <Button
              type="submit"
              data-testid="send-appeal"
              size="compact-xs"
              disabled={reason.trim() === ""}
              loading={reply.isPending}
            >
              {t("quality.reply.send")}
            </Button>
            <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setReason(null)}>
              {t("quality.cancel")}
            </Button>
          </Group>
        </form>
      )}
      {problem && (
        <Text size="xs" c="red" role="alert">
          {problem.title}：{problem.remedy}
        </Text>
      )}
    </>
  );
}
