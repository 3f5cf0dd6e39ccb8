/**
 * Keeps a list still while the viewer has scrolled down: new rows and a new order wait until the viewer is at the top
 * again, or asks for them. Changes within the known rows are shown immediately.
 */
import { useMemo, useState } from 'react';

interface Row {
  id: string;
  latest: { id: string } | null;
}

export function useHeldBack<T extends Row>(
  rows: readonly T[],
  isAtTop: boolean,
): { shown: readonly T[]; count: number; show(): void } {
  const [order, setOrder] = useState<{
    ids: readonly string[];
    latest: ReadonlyMap<string, string | undefined>;
  }>(() => orderOf(rows));
  const current = useMemo(() => orderOf(rows), [rows]);
  // While the list is at its top, it follows. Adjusted during rendering, as React recommends for derived state.
  if (isAtTop && order !== current) setOrder(current);
  return useMemo(() => {
    if (isAtTop) return { shown: rows, count: 0, show: () => {} };
    const byId = new Map(rows.map((row) => [row.id, row]));
    const known = new Set(order.ids);
    const kept = order.ids.flatMap((id) => byId.get(id) ?? []);
    const oldest = order.ids.findLastIndex((id) => byId.has(id));
    const lastKnown = rows.findIndex(({ id }) => id === order.ids[oldest]);
    // Rows of further pages come after the known ones; the others are new.
    const further = rows.filter(({ id }, index) => !known.has(id) && index > lastKnown);
    const fresh = rows.filter(
      ({ id, latest }, index) =>
        (!known.has(id) && index <= lastKnown) || (known.has(id) && order.latest.get(id) !== latest?.id),
    );
    return { shown: [...kept, ...further], count: fresh.length, show: () => setOrder(current) };
  }, [rows, isAtTop, order, current]);
}

function orderOf<T extends Row>(rows: readonly T[]) {
  return { ids: rows.map(({ id }) => id), latest: new Map(rows.map(({ id, latest }) => [id, latest?.id])) };
}
