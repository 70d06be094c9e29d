import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export type Filters = Record<string, string | undefined>;

/** Filters live in the address, so that a list can be sent to a colleague and the back button works. */
export function useFilters(): [Filters, (patch: Filters) => void] {
  const raw = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const filters: Filters = {};
  for (const [key, value] of Object.entries(raw)) {
    if (value !== undefined && value !== null && value !== "") filters[key] = String(value);
  }
  const change = useCallback(
    (patch: Filters) => {
      const search = (before: Record<string, unknown>) =>
        Object.fromEntries(Object.entries({ ...before, ...patch }).filter(([, v]) => v !== undefined && v !== ""));
      // The routes' own search types differ from page to page; these keys are read through useFilters alone.
      void navigate({ to: ".", search: search as never, replace: true });
    },
    [navigate],
  );
  return [filters, change];
}
