import { Alert, Button, Card, PasswordInput, SegmentedControl, Stack, Table, Text, Title } from "@mantine/core";
import { useForm } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, ProblemError } from "../../api/client";
import { useMe } from "../../app/session";
import { PageTitle } from "../../components/PageTitle";
import { fieldErrors, problemText } from "../../components/problem";
import { isLanguage, language, setLanguage } from "../../i18n";

const shortest = 10;

export default function AccountPage() {
  const { t } = useTranslation();
  const me = useMe();
  const [error, setError] = useState<unknown>(null);
  const facts = [
    [t("account.login"), me.login],
    [t("account.name"), me.name],
    [t("account.role"), t(`role.${me.role}`)],
    [t("account.team"), me.team_name],
  ].filter(([, value]) => value);
  return (
    <Stack maw={520} gap="md">
      <PageTitle titleKey="nav.account" />
      <Card withBorder>
        <Title order={2} size="h5">
          {t("account.who")}
        </Title>
        <Table>
          <Table.Tbody>
            {facts.map(([label, value]) => (
              <Table.Tr key={label}>
                <Table.Th w={120}>{label}</Table.Th>
                <Table.Td>{value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Text size="sm" fw={500} mt="sm" mb={4} id="language-label">
          {t("account.language")}
        </Text>
        <SegmentedControl
          aria-labelledby="language-label"
          value={language()}
          data={[
            { value: "zh-TW", label: "繁體中文" },
            { value: "en", label: "English" },
          ]}
          onChange={(to) => {
            if (!isLanguage(to)) return;
            setLanguage(to);
            api.PATCH("/api/v1/session", { body: { lang: to } }).catch(setError);
          }}
        />
        {error !== null && (
          <Alert color="red" variant="light" mt="sm" role="alert" title={problemText(error, t).title}>
            {problemText(error, t).remedy}
          </Alert>
        )}
      </Card>
      <PasswordCard />
      <OthersCard />
    </Stack>
  );
}

function PasswordCard() {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const form = useForm({
    initialValues: { old: "", new: "", again: "" },
    validate: {
      old: (v) => (v ? null : t("fault.required")),
      new: (v) => ([...v].length >= shortest ? null : t("account.short")),
      again: (v, all) => (v === all.new ? null : t("account.differs")),
    },
  });
  const save = form.onSubmit(async (v) => {
    setBusy(true);
    setError(null);
    try {
      await api.PUT("/api/v1/session/password", { body: { old: v.old, new: v.new } });
      form.reset();
      notifications.show({ color: "green", message: t("account.saved") });
    } catch (e) {
      if (e instanceof ProblemError && e.code === "wrong_password") {
        form.setFieldError("old", problemText(e, t).title);
        return;
      }
      const fields = fieldErrors(e, t);
      if (Object.keys(fields).length > 0) form.setErrors(fields);
      else setError(e);
    } finally {
      setBusy(false);
    }
  });
  return (
    <Card withBorder>
      <Title order={2} size="h5" mb="xs">
        {t("account.password")}
      </Title>
      <form onSubmit={save}>
        <input type="text" name="username" autoComplete="username" hidden readOnly value={useMe().login} />
        <Stack gap="sm">
          <PasswordInput label={t("account.old")} autoComplete="current-password" {...form.getInputProps("old")} />
          <PasswordInput
            label={t("account.new")}
            description={t("account.new_hint")}
            autoComplete="new-password"
            {...form.getInputProps("new")}
          />
          <PasswordInput label={t("account.again")} autoComplete="new-password" {...form.getInputProps("again")} />
          {error !== null && (
            <Alert color="red" variant="light" role="alert" title={problemText(error, t).title}>
              {problemText(error, t).remedy}
            </Alert>
          )}
          <Button type="submit" loading={busy} style={{ alignSelf: "flex-start" }}>
            {t("account.save")}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}

function OthersCard() {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const end = async () => {
    setBusy(true);
    try {
      const { ended } = await got(api.DELETE("/api/v1/session/others"));
      notifications.show({ color: "green", message: t("account.others_done", { n: ended }) });
    } catch (e) {
      notifications.show({ color: "red", title: problemText(e, t).title, message: problemText(e, t).remedy });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Card withBorder>
      <Title order={2} size="h5">
        {t("account.others")}
      </Title>
      <Text size="sm" c="dimmed" my="xs">
        {t("account.others_hint")}
      </Text>
      <Button variant="default" loading={busy} style={{ alignSelf: "flex-start" }} onClick={() => void end()}>
        {t("account.others")}
      </Button>
    </Card>
  );
}
