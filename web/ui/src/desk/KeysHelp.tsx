import { Button, Group, Kbd, Modal, Table, Text } from "@mantine/core";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import {
  type Action,
  actionOf,
  actions,
  binding,
  defaults,
  keyOf,
  keysVersion,
  refusal,
  remap,
  subscribeKeys,
} from "../lib/keys";

/** Shows the keys on `?`, and changes them. */
export function KeysHelp() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  useSyncExternalStore(subscribeKeys, keysVersion);
  useEffect(() => {
    const press = (e: KeyboardEvent) => {
      const action = actionOf(e);
      if (action === "search") {
        const box = document.querySelector<HTMLElement>("#main input[type=search], #main [data-search]");
        if (box) e.preventDefault();
        box?.focus();
      }
      if (action !== "help") return;
      e.preventDefault();
      setOpen((o) => !o);
    };
    const show = () => setOpen(true);
    window.addEventListener("keydown", press);
    window.addEventListener("hotline:keys", show);
    return () => {
      window.removeEventListener("keydown", press);
      window.removeEventListener("hotline:keys", show);
    };
  }, []);
  return (
    <Modal
      opened={open}
      onClose={() => setOpen(false)}
      title={t("keys.title")}
      closeButtonProps={{ "aria-label": "Esc" }}
    >
      <KeyTable />
    </Modal>
  );
}

function KeyTable() {
  const { t } = useTranslation();
  const [changing, setChanging] = useState<Action | null>(null);
  const [fault, setFault] = useState("");
  useEffect(() => {
    if (!changing) return;
    const press = (e: KeyboardEvent) => {
      e.preventDefault();
      e.stopPropagation();
      if (e.key === "Escape") return setChanging(null);
      const b = binding(e);
      if (!b) return;
      const no = refusal(changing, b);
      if (no === null) {
        remap(changing, b);
        setFault("");
        setChanging(null);
      } else if (typeof no === "object") setFault(t("keys.used", { key: b, action: t(`keys.action.${no.used}`) }));
      else setFault(t(`keys.${no}`, { key: b }));
    };
    // First of all listeners, so that the key does not do what it does now.
    window.addEventListener("keydown", press, true);
    return () => window.removeEventListener("keydown", press, true);
  }, [changing, t]);
  return (
    <>
      <Text size="sm" c="dimmed" className="prose">
        {t("keys.hint")}
      </Text>
      <Text size="sm" role="alert" c="var(--mantine-color-error)">
        {fault}
      </Text>
      <Table verticalSpacing={4}>
        <Table.Tbody>
          {actions.map((a) => (
            <Table.Tr key={a}>
              <Table.Td>{t(`keys.action.${a}`)}</Table.Td>
              <Table.Td>{changing === a ? t("keys.press") : <Kbd>{keyOf(a)}</Kbd>}</Table.Td>
              <Table.Td>
                <Group gap={4} justify="flex-end" wrap="nowrap">
                  {keyOf(a) !== defaults[a] && (
                    <Button size="compact-xs" variant="subtle" onClick={() => remap(a, null)}>
                      {t("keys.reset")}
                    </Button>
                  )}
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-label={t("keys.change_of", { action: t(`keys.action.${a}`) })}
                    onClick={() => {
                      setFault("");
                      setChanging(a);
                    }}
                  >
                    {t("keys.change")}
                  </Button>
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
          <Table.Tr>
            <Table.Td>{t("keys.digits")}</Table.Td>
            <Table.Td>
              <Kbd>1</Kbd>–<Kbd>9</Kbd>
            </Table.Td>
            <Table.Td />
          </Table.Tr>
          <Table.Tr>
            <Table.Td>{t("keys.escape")}</Table.Td>
            <Table.Td>
              <Kbd>Esc</Kbd>
            </Table.Td>
            <Table.Td />
          </Table.Tr>
        </Table.Tbody>
      </Table>
    </>
  );
}
