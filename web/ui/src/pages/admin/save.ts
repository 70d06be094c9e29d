import type { UseFormReturnType } from "@mantine/form";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ProblemError } from "../../api/client";
import { fieldErrors, problemText } from "../../components/problem";

/** Whatever is changed here may show in any of the lists, and in the names that all pages use. */
const touched = ["admin", "directory"];

/**
 * Carries out a change: says that it is in effect, or what to do about a refusal, at the fields where it can be. What
 * the server objects to in a field that the form lacks is shown with the rest.
 */
export function useSave<V extends Record<string, unknown>>(options: {
  act: (values: V) => Promise<unknown>;
  form?: UseFormReturnType<V>;
  done?: () => void;
  said?: "saved" | "removed";
}) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: options.act,
    onSuccess: async () => {
      notifications.show({ color: "green", message: t(`admin.${options.said ?? "saved"}`) });
      options.done?.();
      await Promise.all(touched.map((key) => client.invalidateQueries({ queryKey: [key] })));
    },
    onError: (error) => {
      const faults = fieldErrors(error, t);
      const fields = Object.keys(options.form?.values ?? {});
      const own = Object.entries(faults).filter(([field]) => fields.includes(field));
      options.form?.setErrors(Object.fromEntries(own));
      const elsewhere = Object.keys(faults).length - own.length;
      if (own.length > 0 && elsewhere === 0) return;
      const { title, remedy } = problemText(error, t);
      const rest = error instanceof ProblemError && elsewhere > 0 ? Object.values(faults).join("；") : remedy;
      notifications.show({ color: "red", title, message: rest, autoClose: 10_000 });
    },
  });
}
