import { useCallback } from "react";
import { useTranslation } from "react-i18next";

/** What a field is called: in the reader's language, or as the text has it. */
export function useLabel() {
  const { t } = useTranslation();
  return useCallback(
    (key: string) => {
      // An object with a key `then` would pass for a promise.
      const named = (k: string) => (k === "then" ? "then_to" : k);
      return key
        .split(".")
        .map((k) => t(`flows.field.${named(k)}`, { defaultValue: k }))
        .join("：");
    },
    [t],
  );
}
