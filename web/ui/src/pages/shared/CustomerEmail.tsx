import { Button, Group, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got } from "../../api/client";
import { can, useMe } from "../../app/session";
import { fieldErrors, problemText } from "../../components/problem";

const path = "/api/v1/customers/{id}" as const;

/** A customer's mail address, masked; whoever may correct it sees it whole while they do, and that look is recorded. */
export function CustomerEmail({ customer }: { customer: number }) {
  const { t } = useTranslation();
  const me = useMe();
  const [typed, setTyped] = useState<string | null>(null);
  const page = useQuery({
    queryKey: ["customers", customer],
    queryFn: () => got(api.GET(path, { params: { path: { id: customer } } })),
  });
  const begin = useMutation({
    mutationFn: async (email: string) =>
      email && (await got(api.GET(path, { params: { path: { id: customer }, query: { reveal: true } } }))).email,
    onSuccess: setTyped,
    onError: (error) => {
      const { title, remedy } = problemText(error, t);
      notifications.show({ color: "red", title, message: remedy, autoClose: 10_000 });
    },
  });
  if (!page.data) return <Text size="sm">–</Text>;
  const email = page.data.email;
  if (typed !== null) return <Edit customer={customer} email={typed} close={() => setTyped(null)} />;
  return (
    <Group gap={8} wrap="wrap" data-testid="customer-email">
      <Text size="sm" c={email ? undefined : "dimmed"} style={{ overflowWrap: "anywhere" }}>
        {email || t("email.none")}
      </Text>
      {can(me, "correct") && (
        <Button
          size="compact-xs"
          variant="default"
          loading={begin.isPending}
          aria-label={`${t(email ? "email.correct" : "email.enter")}：${t("email.label")}`}
          onClick={() => begin.mutate(email)}
        >
          {t(email ? "email.correct" : "email.enter")}
        </Button>
      )}
    </Group>
  );
}

function Edit({ customer, email, close }: { customer: number; email: string; close: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [text, setText] = useState(email);
  const save = useMutation({
    mutationFn: () => api.PUT(`${path}/email`, { params: { path: { id: customer } }, body: { email: text.trim() } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["customers", customer] });
      notifications.show({ color: "green", message: t("email.said") });
      close();
    },
  });
  const wrong = save.error && (fieldErrors(save.error, t).email ?? problemText(save.error, t).remedy);
  return (
    <form
      data-testid="customer-email-form"
      onSubmit={(e) => {
        e.preventDefault();
        save.mutate();
      }}
    >
      {/* Not of type email: the server reads full-width letters, too, and says what is wrong in the reader's language. */}
      <TextInput
        size="xs"
        aria-label={t("email.label")}
        description={t("email.hint")}
        inputMode="email"
        autoComplete="off"
        maxLength={254}
        value={text}
        error={wrong}
        autoFocus
        onChange={(e) => {
          setText(e.currentTarget.value);
          save.reset();
        }}
        onKeyDown={(e) => e.key === "Escape" && close()}
      />
      <Group gap={6} mt={6}>
        <Button size="compact-xs" type="submit" loading={save.isPending}>
          {t("email.save")}
        </Button>
        <Button size="compact-xs" variant="default" onClick={close}>
          {t("email.cancel")}
        </Button>
      </Group>
    </form>
  );
}
