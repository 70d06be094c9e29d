import { useCallback } from "react";
import { useTranslation } from "react-i18next";

/** What a field is called: in the reader's language, or as the text has it. Where it must be short, `under` has other words. */
export function useLabel(under = "flows.field") {
  const { t } = useTranslation();
  return useCallback(
    (key: string) => {
      // An object with a key `then` would pass for a promise.
      const named = (k: string) => (k === "then" ? "then_to" : k);
      return key
        .split(".")
        .map((k) => t([`${under}.${named(k)}`, `flows.field.${named(k)}`], { defaultValue: k }))
        .join("：");
    },
    [t, under],
  );
}

/** Several words in a row, as the reader's language writes them. */
export function useListed() {
  const { i18n } = useTranslation();
  const zh = i18n.language.startsWith("zh");
  return useCallback((words: string[]) => words.join(zh ? "、" : ", "), [zh]);
}
