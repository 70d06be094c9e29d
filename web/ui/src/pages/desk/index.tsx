import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Loading } from "../../components/States";
import { desk, useDesk } from "../../desk/desk";
import { Elsewhere } from "../../desk/LinkBanner";
import { setPageTitle } from "../../lib/title";
import { CallerPanel } from "./CallerPanel";
import { Script } from "./Script";
import { Timeline } from "./Timeline";
import { WrapUp } from "./WrapUp";
import "./desk.css";

export default function DeskPage() {
  const { t } = useTranslation();
  const { link, agent } = useDesk();
  useEffect(() => desk.start(), []);
  useEffect(() => setPageTitle(t("nav.desk")), [t]);
  const elsewhere = link === "asked" || link === "unanswered" || link === "taken" || link === "closed";
  return (
    <div className="desk-page">
      <h1 className="visually-hidden">{t("nav.desk")}</h1>
      {elsewhere ? (
        <Elsewhere />
      ) : agent === null ? (
        <Loading />
      ) : (
        <div className="desk-columns">
          <CallerPanel />
          <Timeline />
          <div className="desk-column">
            <Script />
            <WrapUp />
          </div>
        </div>
      )}
    </div>
  );
}
