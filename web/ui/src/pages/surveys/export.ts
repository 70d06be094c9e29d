import type { Schemas } from "../../api/client";
import { csv } from "../shared/csv";

/** The table as it stands on the screen, with figures as plain numbers. */
export function reportCsv(
  report: Schemas["SurveyReport"],
  t: (key: string) => string,
  name: (key: string) => string,
  by: string,
): string {
  const figures = ["calls", "responses", "average", "satisfied", "nps", "band", "promoters", "passives", "detractors"];
  const line = (label: string, r: Schemas["Result"]) => [
    label,
    r.calls,
    r.responses,
    r.csat.count ? Number(r.csat.average.toFixed(2)) : undefined,
    r.csat.count ? Number(r.csat.percent.toFixed(1)) : undefined,
    r.nps.count ? Number(r.nps.score.toFixed(1)) : undefined,
    r.nps.band ? t(`surveys.band.${r.nps.band}`) : undefined,
    r.nps.promoters,
    r.nps.passives,
    r.nps.detractors,
  ];
  return csv([
    [t(`surveys.by.${by}`), ...figures.map((f) => t(`surveys.figure.${f}`))],
    ...(report.groups ?? []).map((g) => line(name(g.key), g)),
    line(t("surveys.total"), report.total),
  ]);
}
