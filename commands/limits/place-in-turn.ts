// Where a store writes one stream after another: the reservation first, then the order. Whoever dies between the two
// leaves a reservation without an order; who repeats the request goes on with it, and after a time it is void.
//
// An append that was given up may still arrive. So a reservation that is there already is written again before it is
// relied on: its revision then differs from the one at which somebody may be about to take it back.
import { accept } from '@railhead/domain/kernel/decision.ts';
import { loadOrder } from '../orders/load-order.ts';
import type { Part } from './parts.ts';
import {
  contended,
  decideParts,
  type Known,
  MAX_ROUNDS,
  orderExists,
  type Placed,
  type Placing,
  readParts,
} from './placing.ts';

/** Parts that this request has written, at these revisions. */
type Written = Map<Part, number>;

export const placeInTurn = async (placing: Placing): Promise<Placed> => {
  const written: Written = new Map();
  const refused = await reserve(placing, written);
  if (refused !== undefined) {
    await takeBack(placing, written);
    return refused;
  }
  const [result] = await placing.store.append([placing.order]);
  if (result?.ok === true && !result.repeated) return accept({ position: result.position });
  await takeBack(placing, written);
  return 'taken';
};

/** Undefined once all parts are reserved. */
const reserve = async (placing: Placing, written: Written): Promise<Placed | undefined> => {
  const { store, parts } = placing;
  const known: Known = new Map();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const open = parts.filter((part) => !written.has(part));
    if (open.length === 0) return undefined;
    const decided = await decideParts(placing, open, known);
    if (!decided.ok) return decided;
    const results = await store.append(decided.value);
    for (const [index, part] of open.entries()) {
      const result = results[index];
      if (result?.ok === true && !result.repeated) written.set(part, result.revision);
    }
    const moved = open.filter((part) => !written.has(part));
    if (moved.length === 0) return undefined;
    if (await orderExists(placing)) return 'taken';
    await readParts(placing, moved, known);
  }
  return contended(placing);
};

/** Releases what this request has reserved, unless an order of its number needs it, or another request relies on it. */
const takeBack = async (placing: Placing, written: Written): Promise<void> => {
  const { order } = await loadOrder(placing.store, placing.orderNo);
  if (order.requestHash === placing.requestHash && order.status !== 'CLOSED') return;
  for (const [part, revision] of written) await takeBackPart(placing, part, revision);
};

const takeBackPart = async ({ store, itemNos, name, meta }: Placing, part: Part, revision: number): Promise<void> => {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const events = await store.readStream(part.stream);
    if (!part.standsSince(events, revision)) return;
    const append = part.release(part.fold(events), itemNos, `${name}/takeBack`, meta);
    if (append === undefined) return;
    const [result] = await store.append([append]);
    if (result?.ok === true) return;
  }
};
