import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, got, ProblemError, type Schemas } from "../api/client";
import { isLanguage, setLanguage } from "../i18n";
import { queryClient } from "./query";

export type Me = Schemas["Me"];
export type Right =
  | "self"
  | "directory"
  | "desk"
  | "floor"
  | "calls"
  | "recordings"
  | "alarms"
  | "holds"
  | "erase"
  | "download"
  | "digits"
  | "surveys"
  | "tasks"
  | "campaigns"
  | "export"
  | "quality"
  | "review"
  | "rules"
  | "scorecards"
  | "flows"
  | "flows_edit"
  | "customers"
  | "correct"
  | "reveal"
  | "users"
  | "site"
  | "hours"
  | "messages"
  | "access_log";

/** Who is signed in; null when nobody is. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  staleTime: 60_000,
  queryFn: async (): Promise<Me | null> => {
    try {
      const me = await got(api.GET("/api/v1/session"));
      if (isLanguage(me.lang)) setLanguage(me.lang);
      return me;
    } catch (e) {
      if (e instanceof ProblemError && e.code === "signed_out") return null;
      throw e;
    }
  },
});

export const metaQuery = queryOptions({
  queryKey: ["meta"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: () => got(api.GET("/api/v1/meta")),
});

/** Names of queues, people, teams, reasons and dispositions, for labels and filters. */
export const directoryQuery = queryOptions({
  queryKey: ["directory"],
  staleTime: 60_000,
  queryFn: () => got(api.GET("/api/v1/directory")),
});

/** The person signed in. Only for what is shown inside the shell, which waits for it. */
export function useMe(): Me {
  const { data } = useQuery(meQuery);
  if (!data) throw new Error("useMe outside of a session");
  return data;
}

export function useDirectory() {
  return useQuery(directoryQuery);
}

export function can(me: Me | null | undefined, right: Right): boolean {
  return me?.rights?.includes(right) ?? false;
}

/** Forgets all that was read in the session that is over. */
export function sessionEnded() {
  queryClient.setQueryData(meQuery.queryKey, null);
  queryClient.removeQueries({ predicate: (q) => q.queryKey[0] !== "me" && q.queryKey[0] !== "meta" });
}

/** The first page of someone who has just signed in: that of their work. */
export function home(me: Me): string {
  if (can(me, "desk") && me.role === "agent") return "/desk";
  if (can(me, "floor")) return "/floor";
  if (can(me, "recordings")) return "/recordings";
  return can(me, "desk") ? "/desk" : "/account";
}
