/** How things are written for people. Times are those of the company, whatever the browser's clock says. */

const zone = "Asia/Taipei";

const parts = new Intl.DateTimeFormat("en-GB", {
  timeZone: zone,
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  weekday: "short",
  hourCycle: "h23",
});

const weekdaysZh: Record<string, string> = {
  Sun: "日",
  Mon: "一",
  Tue: "二",
  Wed: "三",
  Thu: "四",
  Fri: "五",
  Sat: "六",
};

export type When = string | number | Date | null | undefined;

function take(at: When): Record<string, string> | null {
  if (at === null || at === undefined || at === "") return null;
  const d = new Date(at);
  if (Number.isNaN(d.getTime()) || d.getUTCFullYear() < 1971) return null;
  return Object.fromEntries(parts.formatToParts(d).map((p) => [p.type, p.value]));
}

/** 2026-11-22（日）, in English 2026-11-22 (Sun) */
export function date(at: When, lang = "zh-TW"): string {
  const p = take(at);
  if (!p) return "";
  const day = p.weekday ?? "";
  return `${p.year}-${p.month}-${p.day}${lang.startsWith("zh") ? `（${weekdaysZh[day]}）` : ` (${day})`}`;
}

/** 14:05 */
export function time(at: When): string {
  const p = take(at);
  return p ? `${p.hour}:${p.minute}` : "";
}

/** 14:05:09 */
export function timeSeconds(at: When): string {
  const p = take(at);
  return p ? `${p.hour}:${p.minute}:${p.second}` : "";
}

/** 2026-11-22（日）14:05 */
export function dateTime(at: When, lang = "zh-TW"): string {
  const d = date(at, lang);
  return d ? `${d}${lang.startsWith("zh") ? "" : " "}${time(at)}` : "";
}

/** Seconds as 3:07, from an hour on as 1:03:07. Less than nothing is nothing. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "";
  const s = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const h = Math.floor(s / 3600);
  const m = Math.floor((s % 3600) / 60);
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

/** Whole NT$ as NT$1,250 */
export function money(amount: number | null | undefined): string {
  if (amount === null || amount === undefined) return "";
  return `${amount < 0 ? "-" : ""}NT$${Math.abs(amount).toLocaleString("en-US")}`;
}

/** 12,345 */
export function count(n: number | null | undefined): string {
  return n === null || n === undefined ? "" : n.toLocaleString("en-US");
}

/** 0..100 as 87 % */
export function percent(value: number | null | undefined, digits = 0): string {
  return value === null || value === undefined ? "" : `${value.toFixed(digits)}%`;
}

/** E.164, masked (with *) or not, as Taiwan writes it: 0912-345-678, 02-2345-6789, 0800-000-123. Others stay as they are. */
export function phone(number: string | null | undefined): string {
  if (!number) return "";
  const national = number.startsWith("+886") ? `0${number.slice(4).replace(/^0/, "")}` : number;
  if (/^09[\d*]{8}$/.test(national)) return national.replace(/^(.{4})(.{3})(.{3})$/, "$1-$2-$3");
  if (/^0800[\d*]{6}$/.test(national)) return national.replace(/^(.{4})(.{3})(.{3})$/, "$1-$2-$3");
  if (/^02[\d*]{8}$/.test(national)) return national.replace(/^(.{2})(.{4})(.{4})$/, "$1-$2-$3");
  if (/^0[3-8][\d*]{7}$/.test(national)) return national.replace(/^(.{2})(.{3})(.{4})$/, "$1-$2-$3");
  if (/^0[3-8][\d*]{8}$/.test(national)) return national.replace(/^(.{2})(.{4})(.{4})$/, "$1-$2-$3");
  return national;
}
