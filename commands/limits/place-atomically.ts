// Order and reservation in one call: both are written, or neither. Most streams do not exist yet, so nothing is read before
// a conflict.
import { accept } from '@railhead/domain/kernel/decision.ts';
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

export const placeAtomically = async (placing: Placing): Promise<Placed> => {
  const { store, parts, order } = placing;
  const known: Known = new Map();
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const decided = await decideParts(placing, parts, known);
    if (!decided.ok) return decided;
    const results = await store.append([order, ...decided.value], { atomic: true });
    if (results.every(({ ok }) => ok)) {
      const [first] = results;
      const last = results.at(-1);
      // Event ids follow from the key, not from the body. A repeat by ids may be another request.
      return first?.ok === true && !first.repeated && last?.ok === true ? accept({ position: last.position }) : 'taken';
    }
    // Of a batch that was refused nobody says which of its streams had these events already.
    if (await orderExists(placing)) return 'taken';
    const moved = parts.filter((_, index) => {
      const result = results[index + 1];
      return result?.ok === false && result.code === 'WRONG_REVISION';
    });
    await readParts(placing, moved, known);
  }
  return contended(placing);
};
