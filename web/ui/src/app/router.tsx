import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { Broken, Loading, NotFound } from "../components/States";
import { queryClient } from "./query";
import { can, home, meQuery, type Right } from "./session";
import { Shell } from "./shell";

const rootRoute = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: (s: Record<string, unknown>): { back?: string } =>
    typeof s.back === "string" && s.back.startsWith("/") && !s.back.startsWith("//") ? { back: s.back } : {},
  component: lazyRouteComponent(() => import("../pages/signin")),
});

const inside = createRoute({
  getParentRoute: () => rootRoute,
  id: "inside",
  component: Shell,
  beforeLoad: async ({ location }) => {
    const me = await queryClient.ensureQueryData(meQuery);
    if (!me) throw redirect({ to: "/sign-in", search: location.pathname === "/" ? {} : { back: location.href } });
  },
});

/** Sends those who lack the right to their own first page; the server refuses them in any case. */
function needs(...rights: Right[]) {
  return async () => {
    const me = await queryClient.ensureQueryData(meQuery);
    if (me && !rights.some((r) => can(me, r))) throw redirect({ to: home(me) });
  };
}

const index = createRoute({
  getParentRoute: () => inside,
  path: "/",
  beforeLoad: async () => {
    const me = await queryClient.ensureQueryData(meQuery);
    if (me) throw redirect({ to: home(me) });
  },
});
const desk = createRoute({
  getParentRoute: () => inside,
  path: "/desk",
  beforeLoad: needs("desk"),
  component: lazyRouteComponent(() => import("../pages/desk")),
});
const floor = createRoute({
  getParentRoute: () => inside,
  path: "/floor",
  beforeLoad: needs("floor"),
  component: lazyRouteComponent(() => import("../pages/floor")),
});
// Filters of lists live in the address, so that a list can be sent to a colleague: each page reads what it knows.
const anySearch = (s: Record<string, unknown>): Record<string, unknown> => s;
const calls = createRoute({
  getParentRoute: () => inside,
  path: "/calls",
  validateSearch: anySearch,
  beforeLoad: needs("calls"),
  component: lazyRouteComponent(() => import("../pages/calls")),
});
const call = createRoute({
  getParentRoute: () => inside,
  path: "/calls/$id",
  beforeLoad: needs("calls"),
  component: lazyRouteComponent(() => import("../pages/calls/detail")),
});
const campaigns = createRoute({
  getParentRoute: () => inside,
  path: "/campaigns",
  // ?tab=list|blocked
  validateSearch: anySearch,
  beforeLoad: needs("campaigns"),
  component: lazyRouteComponent(() => import("../pages/campaigns")),
});
const campaign = createRoute({
  getParentRoute: () => inside,
  path: "/campaigns/$id",
  // ?state=complete: of the contacts
  validateSearch: anySearch,
  beforeLoad: needs("campaigns"),
  component: lazyRouteComponent(() => import("../pages/campaigns/detail")),
});
const recordings = createRoute({
  getParentRoute: () => inside,
  path: "/recordings",
  validateSearch: anySearch,
  beforeLoad: needs("recordings"),
  component: lazyRouteComponent(() => import("../pages/recordings")),
});
const keeping = createRoute({
  getParentRoute: () => inside,
  path: "/recordings/keeping",
  // ?tab=alarms|holds|retention
  validateSearch: anySearch,
  beforeLoad: needs("alarms", "holds", "site"),
  component: lazyRouteComponent(() => import("../pages/keeping")),
});
const recording = createRoute({
  getParentRoute: () => inside,
  path: "/recordings/$leg",
  // ?t=12.5 begins at that second
  validateSearch: anySearch,
  beforeLoad: needs("recordings"),
  component: lazyRouteComponent(() => import("../pages/recordings/detail")),
});
const search = createRoute({
  getParentRoute: () => inside,
  path: "/search",
  validateSearch: anySearch,
  beforeLoad: needs("recordings"),
  component: lazyRouteComponent(() => import("../pages/search")),
});
const surveys = createRoute({
  getParentRoute: () => inside,
  path: "/surveys",
  validateSearch: anySearch,
  beforeLoad: needs("surveys"),
  component: lazyRouteComponent(() => import("../pages/surveys")),
});
const tasks = createRoute({
  getParentRoute: () => inside,
  path: "/tasks",
  // ?task=12 is the one that is open
  validateSearch: anySearch,
  beforeLoad: needs("tasks"),
  component: lazyRouteComponent(() => import("../pages/tasks")),
});
const messages = createRoute({
  getParentRoute: () => inside,
  path: "/messages",
  validateSearch: anySearch,
  beforeLoad: needs("messages"),
  component: lazyRouteComponent(() => import("../pages/messages")),
});
const mailbox = createRoute({
  getParentRoute: () => inside,
  path: "/mailbox",
  beforeLoad: needs("messages"),
  component: lazyRouteComponent(() => import("../pages/mailbox")),
});
const quality = createRoute({
  getParentRoute: () => inside,
  path: "/quality",
  validateSearch: anySearch,
  beforeLoad: needs("quality"),
  component: lazyRouteComponent(() => import("../pages/quality")),
});
const dictionary = createRoute({
  getParentRoute: () => inside,
  path: "/dictionary",
  // ?tab=history, ?from=3 begins with the text of version 3
  validateSearch: anySearch,
  beforeLoad: needs("scorecards"),
  component: lazyRouteComponent(() => import("../pages/dictionary")),
});
const trends = createRoute({
  getParentRoute: () => inside,
  path: "/trends",
  validateSearch: anySearch,
  beforeLoad: needs("quality"),
  component: lazyRouteComponent(() => import("../pages/trends")),
});
const review = createRoute({
  getParentRoute: () => inside,
  path: "/review",
  validateSearch: anySearch,
  beforeLoad: needs("review"),
  component: lazyRouteComponent(() => import("../pages/review")),
});
const agreement = createRoute({
  getParentRoute: () => inside,
  path: "/review/agreement",
  validateSearch: anySearch,
  beforeLoad: needs("review"),
  component: lazyRouteComponent(() => import("../pages/review/agreement")),
});
const violations = createRoute({
  getParentRoute: () => inside,
  path: "/review/violations",
  validateSearch: anySearch,
  beforeLoad: needs("review"),
  component: lazyRouteComponent(() => import("../pages/review/violations")),
});
const scorecard = createRoute({
  getParentRoute: () => inside,
  path: "/review/scorecard",
  beforeLoad: needs("scorecards"),
  component: lazyRouteComponent(() => import("../pages/review/scorecard")),
});
const rules = createRoute({
  getParentRoute: () => inside,
  path: "/rules",
  validateSearch: anySearch,
  beforeLoad: needs("quality"),
  component: lazyRouteComponent(() => import("../pages/rules")),
});
const rulesEdit = createRoute({
  getParentRoute: () => inside,
  path: "/rules/edit",
  // ?from=3 begins with the text of version 3
  validateSearch: anySearch,
  beforeLoad: needs("rules"),
  component: lazyRouteComponent(() => import("../pages/rules/edit")),
});
const trials = createRoute({
  getParentRoute: () => inside,
  path: "/rules/trials",
  beforeLoad: needs("review"),
  component: lazyRouteComponent(() => import("../pages/rules/trials")),
});
const trial = createRoute({
  getParentRoute: () => inside,
  path: "/rules/trials/$id",
  // ?rule=wait&side=new
  validateSearch: anySearch,
  beforeLoad: needs("review"),
  component: lazyRouteComponent(() => import("../pages/rules/trial")),
});
const rulesHistory = createRoute({
  getParentRoute: () => inside,
  path: "/rules/history",
  beforeLoad: needs("review"),
  component: lazyRouteComponent(() => import("../pages/rules/history")),
});
const hours = createRoute({
  getParentRoute: () => inside,
  path: "/hours",
  // ?calendar=office&tab=week|year|office|history&year=2027
  validateSearch: anySearch,
  beforeLoad: needs("hours"),
  component: lazyRouteComponent(() => import("../pages/hours")),
});
const flows = createRoute({
  getParentRoute: () => inside,
  path: "/flows",
  beforeLoad: needs("flows"),
  component: lazyRouteComponent(() => import("../pages/flows")),
});
const flow = createRoute({
  getParentRoute: () => inside,
  path: "/flows/$kind/$name",
  // ?tab=edit|versions
  validateSearch: anySearch,
  beforeLoad: needs("flows"),
  component: lazyRouteComponent(() => import("../pages/flows/flow")),
});
const admin = createRoute({
  getParentRoute: () => inside,
  path: "/admin",
  // ?tab=users|teams|queues|lines|codes|access_log
  validateSearch: anySearch,
  beforeLoad: needs("users", "site", "access_log"),
  component: lazyRouteComponent(() => import("../pages/admin")),
});
const account = createRoute({
  getParentRoute: () => inside,
  path: "/account",
  component: lazyRouteComponent(() => import("../pages/account")),
});

const routeTree = rootRoute.addChildren([
  signIn,
  inside.addChildren([
    index,
    desk,
    floor,
    calls,
    campaigns,
    campaign,
    call,
    recordings,
    keeping,
    recording,
    search,
    surveys,
    tasks,
    messages,
    mailbox,
    quality,
    dictionary,
    trends,
    review,
    agreement,
    violations,
    scorecard,
    rules,
    rulesEdit,
    trials,
    trial,
    rulesHistory,
    hours,
    flows,
    flow,
    admin,
    account,
  ]),
]);

export const router = createRouter({
  routeTree,
  defaultPreload: "intent",
  defaultPendingComponent: Loading,
  defaultErrorComponent: ({ error, reset }) => <Broken error={error} retry={reset} />,
  defaultNotFoundComponent: NotFound,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
