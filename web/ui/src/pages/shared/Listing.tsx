import { Box } from "@mantine/core";
import type { ReactNode } from "react";
import { Broken, Empty, Loading, TooMuch } from "../../components/States";
import { type Column, DataTable } from "./DataTable";
import type { List } from "./lists";

/** A list in each of its conditions: loading, broken, empty, full, and more than is shown. */
export function Listing<T>(props: {
  label: string;
  list: List<T>;
  columns: Column<T>[];
  rowKey: (row: T) => string;
  opens?: boolean;
  empty: { title: string; hint: string; action?: ReactNode };
  rowClass?: (row: T) => string | undefined;
}) {
  const { list } = props;
  if (list.loading) return <Loading />;
  if (list.error && list.rows.length === 0) return <Broken error={list.error} retry={list.retry} />;
  if (list.rows.length === 0) return <Empty {...props.empty} />;
  return (
    <Box opacity={list.stale ? 0.6 : 1} aria-busy={list.stale}>
      {list.error && <Broken error={list.error} retry={list.retry} />}
      <DataTable
        label={props.label}
        columns={props.columns}
        rows={list.rows}
        rowKey={props.rowKey}
        opens={props.opens}
        rowClass={props.rowClass}
      />
      {list.more && <TooMuch shown={list.rows.length} more={list.readMore} busy={list.loadingMore} />}
    </Box>
  );
}
