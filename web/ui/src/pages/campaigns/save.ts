import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ProblemError } from "../../api/client";
import { problemText } from "../../components/problem";

/** Carries out a change of campaigns, and tells what came of it. Whatever it changed is read again. */
export function useCampaignChange<V, R>(act: (values: V) => Promise<R>, said: string, done?: (result: R) => void) {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: async (result) => {
      if (said) notifications.show({ color: "green", message: t(said) });
      done?.(result);
      await client.invalidateQueries({ queryKey: ["campaigns"] });
    },
    onError: (error) => {
      const { title, remedy } = problemText(error, t);
      const faults = error instanceof ProblemError ? error.errors.map((f) => f.message).join("；") : "";
      notifications.show({ color: "red", title, message: faults || remedy, autoClose: 10_000 });
    },
  });
}

/** As campaign.MaxFile of the server. */
export const largestList = 16 * 1024 * 1024;

/** The file as base64, as the API takes it. */
export async function base64(file: File): Promise<string> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
  return url.slice(url.indexOf(",") + 1);
}
