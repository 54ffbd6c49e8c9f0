const DEFAULT_PAGE_SIZE = 20;

/** The page of a list that knows page numbers only. */
export async function numberedPage<Item>(
  asked: { page?: number | undefined; pageSize?: number | undefined },
  list: (page: number, pageSize: number) => Promise<{ items: Item[]; total: number }>,
): Promise<{ items: Item[]; total: number; page: number; pageSize: number }> {
  const { page = 1, pageSize = DEFAULT_PAGE_SIZE } = asked;
  const { items, total } = await list(page, pageSize);
  return { items, total, page, pageSize };
}

/** Everything there is, as one page. */
export function wholePage<Item>(items: Item[]): { items: Item[]; total: number; page: number; pageSize: number } {
  return { items, total: items.length, page: 1, pageSize: Math.max(1, items.length) };
}
