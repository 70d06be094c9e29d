import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ProblemError } from "../../api/client";
import { problemText } from "../../components/problem";

/** Carries out a change of opening hours, and tells what came of it. Whatever it changed is read again. */
export function useHoursChange<V>(act: (values: V) => Promise<unknown>, said: string, done?: () => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: async () => {
      notifications.show({ color: "green", message: t(said) });
      done?.();
      await client.invalidateQueries({ queryKey: ["hours"] });
    },
    onError: (error) => {
      const { title, remedy } = problemText(error, t);
      const faults = error instanceof ProblemError ? error.errors.map((f) => f.message).join("；") : "";
      notifications.show({ color: "red", title, message: faults || remedy, autoClose: 10_000 });
    },
  });
}
