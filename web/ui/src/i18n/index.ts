import i18n from "i18next";
import { initReactI18next } from "react-i18next";
import campaignsEn from "./campaigns.en";
import campaignsZh from "./campaigns.zh";
import cardEn from "./card.en";
import cardZh from "./card.zh";
import deskEn from "./desk.en";
import deskZh from "./desk.zh";
import dictionaryEn from "./dictionary.en";
import dictionaryZh from "./dictionary.zh";
import en from "./en";
import flowsEn from "./flows.en";
import flowsZh from "./flows.zh";
import hoursEn from "./hours.en";
import hoursZh from "./hours.zh";
import keepingEn from "./keeping.en";
import keepingZh from "./keeping.zh";
import liftEn from "./lift.en";
import liftZh from "./lift.zh";
import messagesEn from "./messages.en";
import messagesZh from "./messages.zh";
import pagesEn from "./pages.en";
import pagesZh from "./pages.zh";
import qualityEn from "./quality.en";
import qualityZh from "./quality.zh";
import rulesEn from "./rules.en";
import rulesZh from "./rules.zh";
import tasksEn from "./tasks.en";
import tasksZh from "./tasks.zh";
import trendsEn from "./trends.en";
import trendsZh from "./trends.zh";
import zh from "./zh-TW";

export type Language = "zh-TW" | "en";

const key = "hotline.language";

export function isLanguage(s: unknown): s is Language {
  return s === "zh-TW" || s === "en";
}

export function language(): Language {
  return isLanguage(i18n.language) ? i18n.language : "zh-TW";
}

function stored(): Language {
  try {
    const s = localStorage.getItem(key);
    if (isLanguage(s)) return s;
  } catch {
    // A browser that keeps nothing still works.
  }
  return navigator.language.toLowerCase().startsWith("en") ? "en" : "zh-TW";
}

export function startLanguage(to: Language = stored()) {
  void i18n.use(initReactI18next).init({
    lng: to,
    fallbackLng: "zh-TW",
    resources: {
      "zh-TW": {
        translation: {
          ...zh,
          ...deskZh,
          ...campaignsZh,
          ...pagesZh,
          ...keepingZh,
          ...hoursZh,
          ...qualityZh,
          ...cardZh,
          ...rulesZh,
          ...dictionaryZh,
          ...trendsZh,
          ...liftZh,
          ...tasksZh,
          ...flowsZh,
          ...messagesZh,
        },
      },
      en: {
        translation: {
          ...en,
          ...deskEn,
          ...campaignsEn,
          ...pagesEn,
          ...keepingEn,
          ...hoursEn,
          ...qualityEn,
          ...cardEn,
          ...rulesEn,
          ...dictionaryEn,
          ...trendsEn,
          ...liftEn,
          ...tasksEn,
          ...flowsEn,
          ...messagesEn,
        },
      },
    },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  document.documentElement.lang = to === "en" ? "en" : "zh-Hant-TW";
}

/** Changes the language of the page; it is kept by the browser, and for a person by the server. */
export function setLanguage(to: Language) {
  if (language() !== to) void i18n.changeLanguage(to);
  document.documentElement.lang = to === "en" ? "en" : "zh-Hant-TW";
  try {
    localStorage.setItem(key, to);
  } catch {
    // See stored.
  }
}

/** The one of a pair of names that fits the language; the other one when it is empty. */
export function named(
  of: { name_zh?: string; name_en?: string; label_zh?: string; label_en?: string } | undefined,
): string {
  if (!of) return "";
  const zhName = of.name_zh ?? of.label_zh ?? "";
  const enName = of.name_en ?? of.label_en ?? "";
  return language() === "en" ? enName || zhName : zhName || enName;
}

export default i18n;
