// The best use of free seats for a known demand: what it earns, and what one seat more on each segment would. The
// first measures a sale that decided one request after another; the second are the bid prices of one that goes on.

/** `count` requests for [from, to), each worth `worth` (whole numbers); stops count from 0. */
export type OfferedDemand = {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly worth: number;
};

/** `prices[s]` is what one seat more on segment `s` would earn. */
export type BestUse = { readonly worth: number; readonly prices: readonly number[] };

type Arc = {
  readonly from: number;
  readonly to: number;
  readonly cost: number;
  room: number;
  readonly back: () => Arc;
};

/** Two arcs that share a capacity: what flows along one can be taken back along the other. */
const arcPair = (from: number, to: number, cost: number, room: number): readonly [Arc, Arc] => {
  const forth: Arc = { from, to, cost, room, back: () => back };
  const back: Arc = { from: to, to: from, cost: -cost, room: 0, back: () => forth };
  return [forth, back];
};

/** Bellman-Ford from stop 0: distances, and the arc by which each stop is reached. */
const cheapestPaths = (stops: number, arcs: readonly Arc[]) => {
  const distance = new Array<number>(stops).fill(Number.POSITIVE_INFINITY);
  const via = new Array<Arc | undefined>(stops);
  distance[0] = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (const arc of arcs) {
      if (arc.room === 0) continue;
      const reached = (distance[arc.from] ?? 0) + arc.cost;
      if (reached >= (distance[arc.to] ?? 0)) continue;
      distance[arc.to] = reached;
      via[arc.to] = arc;
      changed = true;
    }
  }
  return { distance, via };
};

/** Worth more than any request: a seat that is taken stays taken. */
const TAKEN = 1e9;

/**
 * Exact, for so many free seats on each segment. Each seat is a unit of flow along the line of stops: from stop to stop
 * it travels empty for nothing, or along a request and earns its worth. Least cost by successive shortest paths; flow is whole, so the relaxation is (Ahuja, Magnanti, Orlin: Network Flows, 9.7).
 */
export const bestUse = (free: readonly number[], demand: readonly OfferedDemand[]): BestUse => {
  const segments = free.length;
  const stops = segments + 1;
  const seats = Math.max(...free);
  const empty = Array.from({ length: segments }, (_, segment) =>
    arcPair(segment, segment + 1, 0, Number.POSITIVE_INFINITY),
  );
  const taken = free.map((room, segment) => arcPair(segment, segment + 1, -TAKEN, seats - room));
  const sold = demand.map(({ from, to, count, worth }) => arcPair(from, to, -worth, count));
  const arcs = [...empty, ...taken, ...sold].flat();
  for (let left = seats; left > 0; ) {
    const { via } = cheapestPaths(stops, arcs);
    const path: Arc[] = [];
    for (let arc = via[segments]; arc !== undefined; arc = via[arc.from]) path.push(arc);
    const flow = path.reduce((least, arc) => Math.min(least, arc.room), left);
    for (const arc of path) {
      arc.room -= flow;
      arc.back().room += flow;
    }
    left -= flow;
  }
  const worth = sold.reduce((sum, [forth, back]) => sum - forth.cost * back.room, 0);
  const { distance } = cheapestPaths(stops, arcs);
  // A seat may always travel empty, so distances never rise along the line; how far they fall is the price.
  const prices = empty.map(([{ from, to }]) => (distance[from] ?? 0) - (distance[to] ?? 0));
  return { worth, prices };
};
