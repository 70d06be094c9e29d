import { QueryClient } from "@tanstack/react-query";
import { ProblemError } from "../api/client";

/** A refusal is an answer and not worth a second try; a server that is away may be back in a moment. */
function again(failures: number, error: Error): boolean {
  if (error instanceof ProblemError && error.status > 0 && error.status < 500) return false;
  return failures < 2;
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { retry: again, staleTime: 10_000, refetchOnWindowFocus: false },
    mutations: { retry: false },
  },
});
