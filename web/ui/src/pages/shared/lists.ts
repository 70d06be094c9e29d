import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useDirectory } from "../../app/session";
import { named } from "../../i18n";

export type PageOf<T> = { items: T[] | null; next: string };

/** A list that is read page by page. `refresh` is every how many ms it is read again, 0 for never. */
export function useList<T>(key: unknown[], read: (after: string | undefined) => Promise<PageOf<T>>, refresh = 0) {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next || undefined,
    placeholderData: keepPreviousData,
    refetchInterval: refresh || false,
  });
  return {
    rows: query.data?.pages.flatMap((p) => p.items ?? []) ?? [],
    loading: query.isPending,
    stale: query.isPlaceholderData,
    error: query.error,
    retry: (): void => void query.refetch(),
    more: query.hasNextPage,
    loadingMore: query.isFetchingNextPage,
    readMore: (): void => void query.fetchNextPage(),
  };
}

export type List<T> = ReturnType<typeof useList<T>>;

/** What codes and ids are called; those that are not in the directory any more stay as they are. */
export function useNames() {
  const { data } = useDirectory();
  return {
    data,
    queue: (id: string) => named(data?.queues?.find((q) => q.id === id)) || id,
    agent: (id: string) => data?.agents?.find((a) => a.id === id)?.name ?? id,
    team: (id: string) => data?.teams?.find((a) => a.id === id)?.name ?? id,
    disposition: (code: string) => named(data?.dispositions?.find((l) => l.code === code)) || code,
    reason: (code: string) => named(data?.reasons?.find((l) => l.code === code)) || code,
  };
}

export type Names = ReturnType<typeof useNames>;
