import type { TFunction } from "i18next";
import { ProblemError } from "../api/client";
import i18n from "../i18n";

/** What went wrong and what helps, in the reader's language. */
export function problemText(error: unknown, t: TFunction): { title: string; remedy: string } {
  if (!(error instanceof ProblemError)) {
    return { title: t("problem.internal.title"), remedy: t("problem.internal.remedy") };
  }
  const known = i18n.exists(`problem.${error.code}.title`) ? error.code : "internal";
  return {
    title: t(`problem.${known}.title`, { seconds: error.retryAfter }),
    remedy: t(`problem.${known}.remedy`, { seconds: error.retryAfter }),
  };
}

/** The server's faults by field name, for a form: `body.name` becomes `name`. */
export function fieldErrors(error: unknown, t: TFunction): Record<string, string> {
  if (!(error instanceof ProblemError)) return {};
  const out: Record<string, string> = {};
  for (const f of error.errors) {
    const field = f.location.replace(/^(body|path|query)\./, "");
    out[field] = f.code && i18n.exists(`fault.${f.code}`) ? t(`fault.${f.code}`) : f.message;
  }
  return out;
}
