import {
  ActionIcon,
  AppShell,
  Burger,
  Group,
  Menu,
  NavLink,
  ScrollArea,
  Text,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconBook2,
  IconCalendarTime,
  IconChartBar,
  IconChecklist,
  IconHeadset,
  IconKeyboard,
  IconLayoutDashboard,
  IconListCheck,
  IconLogout,
  IconMail,
  IconMicrophone2,
  IconMoon,
  IconPhone,
  IconRosetteDiscountCheck,
  IconRoute,
  IconSearch,
  IconSend,
  IconSettings,
  IconSpeakerphone,
  IconSun,
  IconTrendingUp,
  IconUserCircle,
  IconVocabulary,
  IconWorld,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../api/client";
import { CallBar } from "../desk/CallBar";
import { desk, useDesk } from "../desk/desk";
import { KeysHelp } from "../desk/KeysHelp";
import { LinkBanner } from "../desk/LinkBanner";
import { RemoteAudio } from "../desk/SoundCheck";
import { language, setLanguage } from "../i18n";
import { queryClient } from "./query";
import { can, type Me, meQuery, metaQuery, type Right, sessionEnded } from "./session";

const pages: { to: string; key: string; icon: typeof IconPhone; rights: Right[] }[] = [
  { to: "/desk", key: "nav.desk", icon: IconHeadset, rights: ["desk"] },
  { to: "/floor", key: "nav.floor", icon: IconLayoutDashboard, rights: ["floor"] },
  { to: "/calls", key: "nav.calls", icon: IconPhone, rights: ["calls"] },
  { to: "/tasks", key: "nav.tasks", icon: IconListCheck, rights: ["tasks"] },
  { to: "/recordings", key: "nav.recordings", icon: IconMicrophone2, rights: ["recordings"] },
  { to: "/search", key: "nav.search", icon: IconSearch, rights: ["recordings"] },
  { to: "/quality", key: "nav.quality", icon: IconRosetteDiscountCheck, rights: ["quality"] },
  { to: "/trends", key: "nav.trends", icon: IconTrendingUp, rights: ["quality"] },
  { to: "/dictionary", key: "nav.dictionary", icon: IconVocabulary, rights: ["scorecards"] },
  { to: "/review", key: "nav.review", icon: IconChecklist, rights: ["review"] },
  { to: "/rules", key: "nav.rules", icon: IconBook2, rights: ["quality"] },
  { to: "/flows", key: "nav.flows", icon: IconRoute, rights: ["flows"] },
  { to: "/surveys", key: "nav.surveys", icon: IconChartBar, rights: ["surveys"] },
  { to: "/campaigns", key: "nav.campaigns", icon: IconSpeakerphone, rights: ["campaigns"] },
  { to: "/messages", key: "nav.messages", icon: IconSend, rights: ["messages"] },
  { to: "/mailbox", key: "nav.mailbox", icon: IconMail, rights: ["messages"] },
  { to: "/hours", key: "nav.hours", icon: IconCalendarTime, rights: ["hours"] },
  { to: "/admin", key: "nav.admin", icon: IconSettings, rights: ["users", "site", "access_log"] },
];

export function Shell() {
  const { data: me } = useQuery(meQuery);
  // The session has just ended; the way to the sign-in page is already taken.
  if (!me) return null;
  return <Frame me={me} />;
}

function Frame({ me }: { me: Me }) {
  const { t } = useTranslation();
  const [open, { toggle, close }] = useDisclosure(false);
  const path = useLocation({ select: (l) => l.pathname });
  const { on } = useDesk();
  const { data: meta } = useQuery(metaQuery);
  const takesCalls = can(me, "desk");
  useEffect(() => {
    // The tab was a desk before the reload, whichever page it shows now.
    if (takesCalls && desk.wasOn()) desk.start();
    desk.ended = () => {
      desk.stop();
      void queryClient.invalidateQueries({ queryKey: meQuery.queryKey });
    };
  }, [takesCalls]);
  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 184, breakpoint: "sm", collapsed: { mobile: !open } }}
      padding="md"
    >
      <LinkBanner />
      <KeysHelp />
      {takesCalls && <RemoteAudio />}
      <a className="skip-link" href="#main">
        {t("nav.skip")}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <Burger opened={open} onClick={toggle} hiddenFrom="sm" size="sm" aria-label={t("nav.open")} />
            <img src="/icon.svg" alt="" width={24} height={24} />
            <Text fw={650} visibleFrom="xs">
              {t("app.name")}
            </Text>
          </Group>
          <UserMenu me={me} />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label={t("nav.label")}>
        <ScrollArea>
          {pages
            .filter((p) => p.rights.some((r) => can(me, r)) && (p.to !== "/mailbox" || meta?.mailbox))
            .map((p) => (
              <NavLink
                key={p.to}
                renderRoot={(props) => <Link to={p.to} {...props} />}
                label={t(p.key)}
                leftSection={<p.icon size={18} stroke={1.6} aria-hidden />}
                active={path === p.to || path.startsWith(`${p.to}/`)}
                aria-current={path.startsWith(p.to) ? "page" : undefined}
                onClick={close}
              />
            ))}
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="main" className="app-main" tabIndex={-1}>
        {on && <CallBar />}
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

export function LanguageSwitch({ save }: { save: boolean }) {
  const { t, i18n } = useTranslation();
  const other = i18n.language === "en" ? "zh-TW" : "en";
  return (
    <Tooltip label={t("nav.language")}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        w="auto"
        px="xs"
        lang={other === "en" ? "en" : "zh-Hant-TW"}
        onClick={() => {
          setLanguage(other);
          // What the browser shows does not wait for the server to remember it.
          if (save) void api.PATCH("/api/v1/session", { body: { lang: language() } }).catch(() => {});
        }}
      >
        <Group gap={4} wrap="nowrap">
          <IconWorld size={18} aria-hidden />
          <Text size="sm">{other === "en" ? "English" : "繁體中文"}</Text>
        </Group>
      </ActionIcon>
    </Tooltip>
  );
}

export function SchemeSwitch() {
  const { t } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const next = scheme === "dark" ? "light" : "dark";
  return (
    <Tooltip label={t(`nav.${next}`)}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={t(`nav.${next}`)}
        onClick={() => setColorScheme(next)}
      >
        {next === "dark" ? <IconMoon size={18} aria-hidden /> : <IconSun size={18} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}

function UserMenu({ me }: { me: Me }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const signOut = async () => {
    if (!(await desk.signOut())) return;
    sessionEnded();
    void navigate({ to: "/sign-in" });
  };
  return (
    <Group gap={4} wrap="nowrap">
      <LanguageSwitch save />
      <SchemeSwitch />
      <Menu position="bottom-end" width={200}>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            w="auto"
            px="xs"
            aria-label={t("nav.user_menu", { name: me.name })}
          >
            <Group gap={6} wrap="nowrap">
              <IconUserCircle size={20} aria-hidden />
              <Text size="sm" visibleFrom="xs">
                {me.name}
              </Text>
            </Group>
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {me.login} · {t(`role.${me.role}`)}
            {me.team_name ? ` · ${me.team_name}` : ""}
          </Menu.Label>
          <Menu.Item
            leftSection={<IconUserCircle size={16} aria-hidden />}
            onClick={() => navigate({ to: "/account" })}
          >
            {t("nav.account")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconKeyboard size={16} aria-hidden />}
            onClick={() => window.dispatchEvent(new Event("hotline:keys"))}
          >
            {t("nav.keys")}
          </Menu.Item>
          <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void signOut()}>
            {t("nav.sign_out")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
