import { useTranslation } from "react-i18next";
import { useDesk } from "../../desk/desk";

const lines = ["opening", "empathy", "step", "closing"] as const;

/** What every call must contain, in the language the caller chose. */
export function Script() {
  const { t, i18n } = useTranslation();
  const { agent } = useDesk();
  const lng = agent?.call ? (agent.call.lang === "en" ? "en" : "zh-TW") : i18n.language;
  return (
    <section className="desk-card" style={{ flex: "0 0 auto" }} aria-label={t("desk.script")}>
      <h2>{t("desk.script")}</h2>
      <dl className="script">
        {lines.map((l) => (
          <div key={l}>
            <dt>{t(`desk.${l}`)}</dt>
            <dd lang={lng === "en" ? "en" : "zh-Hant-TW"}>{t(`desk.${l}_text`, { lng })}</dd>
          </div>
        ))}
      </dl>
      <span className="dim script-more">{t("desk.calm")}</span>
    </section>
  );
}
