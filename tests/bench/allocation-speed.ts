// How many requests a second one core decides, on a class that is mostly sold, while holds come and go.

import { emptyOccupancy, occupy, vacate } from '@railhead/domain/allocation/bitmap.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import { firstFit } from '@railhead/domain/allocation/seat-policies.ts';
import type { SeatPolicy, SeatRequest } from '@railhead/domain/allocation/seat-request.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { layoutOfSize } from './allocation-policies.ts';
import type { BenchResult } from './benchmark.ts';

type Case = { readonly name: string; readonly seats: number; readonly stops: number; readonly partyShare: number };

/** Random holds are released whenever more than this share of seats x segments is taken. */
const FULL = 0.85;

const requestsOf = ({ stops, partyShare }: Case): readonly SeatRequest[] => {
  const random = seededRandom(11);
  return Array.from({ length: 1 << 14 }, () => {
    const from = random.below(stops - 1);
    const to = from + 1 + random.below(stops - 1 - from);
    return {
      from,
      to,
      wants: new Array<undefined>(random.next() < partyShare ? 2 + random.below(4) : 1).fill(undefined),
    };
  });
};

type Held = { readonly from: number; readonly to: number; readonly seats: readonly number[] };

/** Decides requests over and over; the returned function runs for so many milliseconds. */
const sale = (policy: SeatPolicy, work: Case) => {
  const layout = layoutOfSize(work.seats);
  const occupancy = emptyOccupancy(work.stops - 1, work.seats);
  const requests = requestsOf(work);
  const random = seededRandom(12);
  const held: Held[] = [];
  const most = work.seats * (work.stops - 1) * FULL;
  let taken = 0;
  let next = 0;
  const letGo = (): void => {
    const index = random.below(held.length);
    const hold = held[index];
    const last = held.pop();
    if (hold === undefined || last === undefined) return;
    if (hold !== last) held[index] = last;
    vacate(occupancy, hold.from, hold.to, hold.seats);
    taken -= (hold.to - hold.from) * hold.seats.length;
  };
  const step = (): boolean => {
    const request = requests[next++ & (requests.length - 1)];
    if (request === undefined) return false;
    const seats = policy(layout, occupancy, request);
    if (seats === undefined) return false;
    const { from, to } = request;
    occupy(occupancy, from, to, seats);
    held.push({ from, to, seats });
    taken += (to - from) * seats.length;
    while (taken > most) letGo();
    return true;
  };
  while (taken < most * 0.98 && next < work.seats * work.stops * 2) step();
  return (forMs: number): { readonly perSecond: number; readonly found: number } => {
    const start = performance.now();
    let decided = 0;
    let found = 0;
    let elapsed = 0;
    while (elapsed < forMs) {
      for (let index = 0; index < 256; index += 1) if (step()) found += 1;
      decided += 256;
      elapsed = performance.now() - start;
    }
    return { perSecond: (decided * 1_000) / elapsed, found: found / decided };
  };
};

const CASES: readonly Case[] = [
  { name: 'single passengers', seats: 1_200, stops: 10, partyShare: 0 },
  { name: '7 of 10 single, the others parties of 2 to 5', seats: 1_200, stops: 10, partyShare: 0.3 },
  { name: 'parties of 2 to 5', seats: 1_200, stops: 10, partyShare: 1 },
  ...[100, 5_000, 20_000].map((seats) => ({ name: `single, ${seats} seats`, seats, stops: 10, partyShare: 0 })),
  ...[2, 20, 40].map((stops) => ({ name: `single, ${stops} stops`, seats: 1_200, stops, partyShare: 0 })),
];

/** Each case beside first fit on the same requests, the two in turns so that both meet the same machine. */
export function* allocationSpeed(seconds: number): Generator<BenchResult> {
  for (const work of CASES) {
    const [ours, reference] = [sale(bestFit, work), sale(firstFit, work)];
    for (const run of [ours, reference]) run(200);
    const turns = Array.from({ length: 4 }, () => [ours(seconds * 250), reference(seconds * 250)] as const);
    const best = (side: 0 | 1) => turns.map((turn) => turn[side]).sort((a, b) => b.perSecond - a.perSecond)[0];
    const [value, first] = [best(0)?.perSecond ?? 0, best(1)?.perSecond ?? 0];
    yield {
      name: `decide, hold, release: ${work.name}`,
      value,
      unit: 'requests/s',
      references: [{ name: 'first fit on the same bitmaps', value: first, ratio: value / first }],
      details: { seats: work.seats, stops: work.stops, occupied: FULL, found: best(0)?.found ?? 0 },
    };
  }
}
