import { Checkbox, Group } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { setList } from "./patch";

/** The languages that callers can be spoken to in. */
const all = ["zh-TW", "en"];

/** Those of a flow or a survey; one there must be. */
export function SpokenLanguages(props: { languages: string[]; yaml: string; change: (text: string) => void }) {
  const { t } = useTranslation();
  const { languages: now } = props;
  const give = (to: string[]) =>
    // The first is spoken until a caller chooses, so that one that comes along comes last.
    props.change(
      setList(props.yaml, ["languages"], [...now.filter((l) => to.includes(l)), ...to.filter((l) => !now.includes(l))]),
    );
  return (
    <Checkbox.Group label={t("flows.edit.languages")} size="xs" value={now} onChange={give}>
      <Group gap="md" mt={4}>
        {all.map((l) => (
          <Checkbox
            key={l}
            size="xs"
            value={l}
            label={t(`flows.language.${l}`)}
            disabled={now.length === 1 && now[0] === l}
          />
        ))}
      </Group>
    </Checkbox.Group>
  );
}
