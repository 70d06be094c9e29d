import { Alert, Button, Center, Stack, Text } from "@mantine/core";
import { IconDeviceDesktop, IconPlugConnectedX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { language } from "../i18n";
import { dateTime, duration } from "../lib/format";
import { useSeconds } from "../lib/ticker";
import { desk, useDesk } from "./desk";

/** A lost connection: what still works, and how long it has been. It lies over the header, so that nothing moves. */
export function LinkBanner() {
  const { t } = useTranslation();
  const { on, link, lostSince } = useDesk();
  if (!on || link !== "lost") return null;
  return (
    <div className="link-banner" role="alert">
      <IconPlugConnectedX size={20} aria-hidden />
      <span>
        <strong>
          <Lost since={lostSince} />
        </strong>
        {language() === "en" ? ". " : "。"}
        {t("desk.link.lost_hint")}
      </span>
      <Button size="compact-sm" variant="white" color="dark" onClick={() => desk.retry()}>
        {t("desk.link.now")}
      </Button>
    </div>
  );
}

function Lost({ since }: { since: number }) {
  const { t } = useTranslation();
  // The browser's own clock on both sides: the server can't be asked.
  const seconds = useSeconds(since);
  return (
    <>
      {t("desk.link.lost")} <span aria-hidden>{duration(seconds)}</span>
    </>
  );
}

/** The desk is elsewhere, or may be: the question, or the way back. Null when it is here. */
export function Elsewhere() {
  const { t } = useTranslation();
  const { link, takeOver } = useDesk();
  if (link !== "asked" && link !== "unanswered" && link !== "taken" && link !== "closed") return null;
  const hint =
    link === "asked"
      ? t("desk.link.asked_hint", { since: dateTime(takeOver?.since, language()), address: takeOver?.address })
      : t(`desk.link.${link}_hint`);
  return (
    <Center style={{ flex: 1 }} p="xl">
      <Alert
        maw={460}
        color="orange"
        variant="light"
        icon={<IconDeviceDesktop aria-hidden />}
        title={t(`desk.link.${link}`)}
        role="alert"
      >
        <Stack gap="sm" align="flex-start">
          <Text size="sm" className="prose">
            {hint}
          </Text>
          <Button data-testid="take-over" onClick={() => desk.takeOver()}>
            {t(link === "taken" || link === "closed" ? "desk.link.back" : "desk.link.take")}
          </Button>
        </Stack>
      </Alert>
    </Center>
  );
}
