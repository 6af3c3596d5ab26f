/** Cuts the items into pages of `size`, at least one item each. */
export function* pagesOf<Item>(items: readonly Item[], size: number): Iterable<readonly Item[]> {
  const step = Math.max(1, size);
  for (let start = 0; start < items.length; start += step) yield items.slice(start, start + step);
}
