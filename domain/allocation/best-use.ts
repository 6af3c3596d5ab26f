// The most that a known demand can earn from the free seats, and what one more seat on each segment would add. The
// first is the yardstick for a sale that decides one request after another. The second gives its bid prices.

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

/** An arc and its reverse in the residual graph: flow along one can be taken back along the other. */
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

/** More than any request is worth, so that the flow always keeps to the seats that are already taken. */
const TAKEN = 1e9;

/**
 * Exact. Each seat is one unit of flow along the line of stops. From a stop to the next it travels empty and earns
 * nothing, or it travels along a request and earns the request's worth. Solved as a minimum-cost flow by successive
 * shortest paths. With whole capacities the optimal flow is whole (Ahuja, Magnanti, Orlin: Network Flows, 9.7).
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
  // A seat may always travel empty, so distances never rise along the line. The price of a segment is how far they
  // fall.
  const prices = empty.map(([{ from, to }]) => (distance[from] ?? 0) - (distance[to] ?? 0));
  return { worth, prices };
};
