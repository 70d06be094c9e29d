import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ProblemError } from "../../api/client";
import { problemText } from "../../components/problem";

/** Carries out a change of what is kept, and tells what came of it. What it changed is read again. */
export function useKeep<V>(act: (values: V) => Promise<unknown>, done?: () => void, said = "admin.saved") {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: async () => {
      notifications.show({ color: "green", message: t(said) });
      done?.();
      await Promise.all([
        client.invalidateQueries({ queryKey: ["keeping"] }),
        client.invalidateQueries({ queryKey: ["recordings"] }),
      ]);
    },
    onError: (error) => {
      const { title, remedy } = problemText(error, t);
      const faults = error instanceof ProblemError ? error.errors.map((f) => f.message).join("；") : "";
      notifications.show({ color: "red", title, message: faults || remedy, autoClose: 10_000 });
    },
  });
}
