import { Table, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { type KeyboardEvent, type MouseEvent, type ReactNode, useState } from "react";
import "./tables.css";

export type Column<T> = {
  key: string;
  label: ReactNode;
  cell: (row: T) => ReactNode;
  /** Figures stand on the right, in digits of one width. */
  figure?: boolean;
  /** Makes the column sortable. Only for lists that are wholly here. */
  sort?: (row: T) => number | string;
};

type Sorting = { key: string; down: boolean };

export function sorted<T>(rows: T[], columns: Column<T>[], by: Sorting | null): T[] {
  const value = columns.find((c) => c.key === by?.key)?.sort;
  if (!by || !value) return rows;
  const order = (a: number | string, b: number | string) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "zh-Hant");
  return rows.toSorted((a, b) => order(value(a), value(b)) * (by.down ? -1 : 1));
}

/** Up and down go from row to row, to the same link or button of each. */
function moveFocus(event: KeyboardEvent<HTMLTableSectionElement>) {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const target = event.target as HTMLElement;
  const row = target.closest("tr");
  if (step === 0 || !row || target.matches("input, select, textarea")) return;
  const at = [...row.querySelectorAll("a, button")].indexOf(target);
  const next = step > 0 ? row.nextElementSibling : row.previousElementSibling;
  const focusable = next?.querySelectorAll<HTMLElement>("a, button");
  if (!focusable?.length) return;
  event.preventDefault();
  (focusable[Math.max(0, at)] ?? focusable[0])?.focus();
}

/** A click anywhere on a row does what its first link or button does. */
function openRow(event: MouseEvent<HTMLTableRowElement>) {
  const target = event.target as HTMLElement;
  if (target.closest("a, button, input, label") || window.getSelection()?.toString()) return;
  event.currentTarget.querySelector<HTMLElement>("a, button")?.click();
}

/** The dense table of every list: rows of 32 px, headings that stay, sideways scrolling where it is narrow. */
export function DataTable<T>(props: {
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  /** A row with a link or button in it may be clicked anywhere. */
  opens?: boolean;
  rowClass?: (row: T) => string | undefined;
  foot?: ReactNode;
}) {
  const [by, setBy] = useState<Sorting | null>(null);
  const turn = (key: string) =>
    setBy((s) => (s?.key !== key ? { key, down: false } : s.down ? null : { key, down: true }));
  const scrolling = { role: "group", "aria-label": props.label, tabIndex: 0 };
  return (
    <div className="data-table" {...scrolling}>
      <Table highlightOnHover={props.opens} verticalSpacing={4} horizontalSpacing={8}>
        <Table.Caption className="visually-hidden">{props.label}</Table.Caption>
        <Table.Thead>
          <Table.Tr>
            {props.columns.map((c) => (
              <Heading key={c.key} column={c} by={by} turn={turn} />
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody onKeyDown={moveFocus}>
          {sorted(props.rows, props.columns, by).map((row) => (
            <Table.Tr
              key={props.rowKey(row)}
              onClick={props.opens ? openRow : undefined}
              className={[props.opens ? "opens" : "", props.rowClass?.(row) ?? ""].join(" ").trim() || undefined}
            >
              {props.columns.map((c) => (
                <Table.Td key={c.key} className={c.figure ? "figure" : undefined}>
                  {c.cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
        {props.foot && <Table.Tfoot>{props.foot}</Table.Tfoot>}
      </Table>
    </div>
  );
}

function Heading<T>({ column: c, by, turn }: { column: Column<T>; by: Sorting | null; turn: (key: string) => void }) {
  const on = by?.key === c.key;
  const arrow = on && (by.down ? <IconArrowDown size={14} aria-hidden /> : <IconArrowUp size={14} aria-hidden />);
  return (
    <Table.Th
      scope="col"
      className={c.figure ? "figure" : undefined}
      aria-sort={c.sort ? (on ? (by.down ? "descending" : "ascending") : "none") : undefined}
    >
      {c.sort ? (
        <UnstyledButton fz="inherit" fw="inherit" onClick={() => turn(c.key)}>
          {c.label} {arrow}
        </UnstyledButton>
      ) : (
        c.label
      )}
    </Table.Th>
  );
}
