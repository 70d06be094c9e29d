import createClient, { type Middleware } from "openapi-fetch";
import { observeDate } from "../lib/clock";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

export type Fault = { location: string; message: string; code?: string };

/** What the server answered instead of what was asked for, or `offline` when it did not answer. */
export class ProblemError extends Error {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly errors: Fault[];
  /** Seconds; 0 when the server named none. */
  readonly retryAfter: number;

  constructor(p: {
    code: string;
    status?: number;
    title?: string;
    detail?: string;
    errors?: Fault[] | null;
    retry_after?: number;
  }) {
    super(p.detail || p.title || p.code);
    this.name = "ProblemError";
    this.code = p.code;
    this.status = p.status ?? 0;
    this.title = p.title ?? "";
    this.detail = p.detail ?? "";
    this.errors = p.errors ?? [];
    this.retryAfter = p.retry_after ?? 0;
  }
}

type Listener = () => void;
let signedOut: Listener = () => {};

/** Sets who is told that the session is over. The sign-in request itself never tells. */
export function onSignedOut(listener: Listener) {
  signedOut = listener;
}

const asked = new WeakMap<Request, number>();

const problems: Middleware = {
  onRequest({ request }) {
    asked.set(request, Date.now());
    return undefined;
  },
  async onResponse({ request, response }) {
    observeDate(response.headers.get("Date"), asked.get(request) ?? 0);
    if (response.ok) return undefined;
    let body: Partial<Schemas["Problem"]> = {};
    try {
      body = await response.clone().json();
    } catch {
      // A proxy's page and no problem of ours; the status says enough.
    }
    const problem = new ProblemError({
      code: body.code ?? (response.status >= 500 ? "unavailable" : "internal"),
      status: response.status,
      title: body.title,
      detail: body.detail,
      errors: (body.errors as Fault[] | undefined) ?? [],
      retry_after: body.retry_after ?? (Number(response.headers.get("Retry-After")) || 0),
    });
    if (problem.code === "signed_out") signedOut();
    throw problem;
  },
  onError({ error }) {
    if (error instanceof ProblemError) return error;
    if (error instanceof DOMException && error.name === "AbortError") return error;
    return new ProblemError({ code: "offline", detail: String(error) });
  },
};

/** Typed by the server's OpenAPI document. Every call throws ProblemError when refused, so `data` is there when it returns. */
export const api = createClient<paths>({ baseUrl: "" });
api.use(problems);

/** The data of a call that has some. */
export async function got<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  if (data === undefined) throw new ProblemError({ code: "internal" });
  return data;
}
