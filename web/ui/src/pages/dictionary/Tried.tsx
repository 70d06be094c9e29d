import { Button, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, got, type Schemas } from "../../api/client";
import { Broken, Loading } from "../../components/States";
import { language } from "../../i18n";
import { count } from "../../lib/format";
import { type Column, DataTable } from "../shared/DataTable";

type Entry = Schemas["TriedEntry"];

/** In how many of the newest calls each entry is found, beside the live dictionary. `sound` says that the text has no faults. */
export function Tried({ yaml, sound }: { yaml: string; sound: boolean }) {
  const { t } = useTranslation();
  const [of, setOf] = useState("");
  const tried = useMutation({
    mutationFn: (text: string) => got(api.POST("/api/v1/dictionaries/try", { body: { yaml: text } })),
    onMutate: setOf,
  });
  const columns: Column<Entry>[] = [
    { key: "entry", label: t("dictionary.entry"), cell: (e) => e.name[language()] || e.entry },
    { key: "kind", label: t("dictionary.kind_label"), cell: (e) => t(`dictionary.kind.${e.kind}`) },
    ...(["live", "tried", "new", "gone"] as const).map((figure) => ({
      key: figure,
      label: t(`dictionary.figure.${figure}`),
      figure: true,
      cell: (e: Entry) => count(e[figure]),
      sort: (e: Entry) => e[figure],
    })),
  ];
  // What differs is what one wants to see first.
  const rows = tried.data?.entries.toSorted((a, b) => b.new + b.gone - a.new - a.gone) ?? [];
  return (
    <>
      <Text size="sm" c="dimmed" mb="xs" className="prose">
        {t("dictionary.try_hint")}
      </Text>
      <Button
        size="xs"
        variant="default"
        mb="xs"
        disabled={!sound}
        loading={tried.isPending}
        onClick={() => tried.mutate(yaml)}
        data-testid="try-dictionary"
      >
        {t("dictionary.try")}
      </Button>
      {tried.isPending && <Loading />}
      {tried.isError && <Broken error={tried.error} />}
      {tried.data && (
        <>
          <Text size="sm" mb="xs" role="status">
            {t(tried.data.calls === 0 ? "dictionary.no_calls" : "dictionary.tried_n", { n: count(tried.data.calls) })}{" "}
            {of !== yaml && t("dictionary.changed_since")}
          </Text>
          {tried.data.calls > 0 && (
            <DataTable
              label={t("dictionary.show.tried")}
              rows={rows}
              rowKey={(e) => `${e.kind} ${e.entry}`}
              columns={columns}
            />
          )}
        </>
      )}
    </>
  );
}
