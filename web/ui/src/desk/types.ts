import type { Schemas } from "../api/client";

export type AgentView = Schemas["AgentView"];
export type CallView = Schemas["CallView"];
export type Floor = Schemas["FloorView"];
export type Contact = Schemas["Contact"];
export type Order = Schemas["Order"];
export type Case = Schemas["Case"];
export type Label = Pick<Schemas["Label"], "code" | "label_zh" | "label_en"> & Partial<Schemas["Label"]>;

export type Match = { id: number; name: string; tier: string; open_cases: number; last_contact: string | null };

/** Of the desk's message `pop`: package customer's Pop, with the number called from. */
export type Pop = {
  call?: string;
  phone?: string;
  anonymous?: boolean;
  /** False: the history could not be read, the rest is missing. */
  history?: boolean;
  candidates: Match[] | null;
  customer: {
    id: number;
    name: string;
    tier: string;
    preferences: string;
    note: string;
    created_at: string;
    phones: string[] | null;
  } | null;
  open_cases: Case[] | null;
  contacts: Contact[] | null;
  orders: Order[] | null;
};

export type Config = {
  queues: { id: string; name_zh: string; name_en: string; longest_wait_s?: number; wrap_up_s?: number }[] | null;
  reasons: Label[] | null;
  dispositions: Label[] | null;
};

export type TakeOver = { since: string; address: string };
