import { Alert, Box, Button, Card, Group, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconAlertTriangle, IconMicrophoneOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, ProblemError } from "../../api/client";
import { queryClient } from "../../app/query";
import { home, meQuery, metaQuery } from "../../app/session";
import { LanguageSwitch, SchemeSwitch } from "../../app/shell";
import { problemText } from "../../components/problem";
import { isLanguage, language, setLanguage } from "../../i18n";
import { setPageTitle } from "../../lib/title";

export default function SignInPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { back } = useSearch({ from: "/sign-in" });
  const meta = useQuery(metaQuery);
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [wait, setWait] = useState(0);
  useEffect(() => setPageTitle(t("signin.title")), [t]);
  useEffect(() => {
    if (wait <= 0) return;
    const timer = window.setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait]);

  const submit = async (e: FormEvent) => {
    e.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const chosen = language();
      const me = await got(api.POST("/api/v1/session", { body: { login: login.trim(), password } }));
      queryClient.setQueryData(meQuery.queryKey, me);
      if (isLanguage(me.lang) && me.lang !== chosen) setLanguage(me.lang);
      await navigate({ to: back ?? home(me), replace: true });
    } catch (e) {
      setError(e);
      if (e instanceof ProblemError && e.code === "too_many") setWait(Math.max(1, e.retryAfter));
    } finally {
      setBusy(false);
    }
  };

  const problem = error ? problemText(error, t) : null;
  const limited = error instanceof ProblemError && error.code === "too_many";
  return (
    <Box component="main" p="md" maw={460} mx="auto" pt={{ base: "md", sm: 64 }}>
      <Stack gap="md">
        <Group justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <img src="/icon.svg" alt="" width={32} height={32} />
            <div>
              <Title order={1} size="h3">
                {t("app.name")}
              </Title>
              <Text size="sm" c="dimmed">
                {meta.data?.name}
              </Text>
            </div>
          </Group>
          <Group gap={2} wrap="nowrap">
            <LanguageSwitch save={false} />
            <SchemeSwitch />
          </Group>
        </Group>
        {meta.data?.secure_context_needed && (
          <Alert color="orange" variant="light" icon={<IconMicrophoneOff aria-hidden />} title={t("signin.insecure")}>
            {t("signin.insecure_hint")}
          </Alert>
        )}
        <Card withBorder padding="lg">
          <form onSubmit={(e) => void submit(e)}>
            <Stack gap="sm">
              <TextInput
                label={t("signin.login")}
                value={login}
                onChange={(e) => setLogin(e.currentTarget.value)}
                autoComplete="username"
                autoCapitalize="none"
                required
                withAsterisk={false}
                autoFocus
                data-testid="login"
              />
              <PasswordInput
                label={t("signin.password")}
                value={password}
                onChange={(e) => setPassword(e.currentTarget.value)}
                autoComplete="current-password"
                required
                withAsterisk={false}
                data-testid="password"
              />
              {problem && (
                <Alert
                  color="red"
                  variant="light"
                  role="alert"
                  icon={<IconAlertTriangle aria-hidden />}
                  title={problem.title}
                >
                  {limited ? (wait > 0 ? t("signin.wait", { seconds: wait }) : "") : problem.remedy}
                </Alert>
              )}
              <Button type="submit" loading={busy} disabled={wait > 0} data-testid="sign-in">
                {t("signin.submit")}
              </Button>
            </Stack>
          </form>
        </Card>
        {meta.data?.demo && (meta.data.demo_logins?.length ?? 0) > 0 && (
          <section aria-label={t("signin.demo")}>
            <Text fw={600} size="sm">
              {t("signin.demo")}
            </Text>
            <Text size="sm" c="dimmed" mb={6}>
              {t("signin.demo_hint")}
            </Text>
            <Group gap={6}>
              {meta.data.demo_logins?.map((d) => (
                <Button
                  key={d.login}
                  size="compact-sm"
                  variant="default"
                  title={t("signin.fill", { name: d.name, role: t(`role.${d.role}`) })}
                  onClick={() => {
                    setLogin(d.login);
                    setPassword(d.password);
                  }}
                >
                  {d.name}（{t(`role.${d.role}`)}）
                </Button>
              ))}
            </Group>
          </section>
        )}
      </Stack>
    </Box>
  );
}
