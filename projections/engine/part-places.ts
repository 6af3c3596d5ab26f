// The places of the parts in which a model is built: rows of the engine's table beside the model's own, each moved in one
// transaction with the rows that its part has written.
import type { Position } from '@railhead/commands/ports/event-store.ts';
import type { Transaction } from 'kysely';
import type { EngineTables } from './read-database.ts';

/** `orders@g2/1of4`. The name before the marks is the model's. */
export const partName = (model: string, index: number, count: number): string => `${model}/${index}of${count}`;

export const partNames = (model: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => partName(model, index + 1, count));

const partsOf = (model: string): string => `${model}/%`;

/** After the rows of a model were thrown away, or by who does so. */
export const forgetParts = async (trx: Transaction<EngineTables>, model: string): Promise<void> => {
  await trx.deleteFrom('read_set_aside').where('model', 'like', partsOf(model)).execute();
  await trx.deleteFrom('model_places').where('model', 'like', partsOf(model)).execute();
};

export type PartPlace = { readonly model: string; readonly position: Position; readonly fingerprint: string };

export const partPlaces = (
  db: Pick<Transaction<EngineTables>, 'selectFrom'>,
  model: string,
): Promise<readonly PartPlace[]> =>
  db
    .selectFrom('model_places')
    .select(['model', 'position', 'fingerprint'])
    .where('model', 'like', partsOf(model))
    .execute();

/** By this ownership of the model from now on. */
export const takeParts = async (trx: Transaction<EngineTables>, model: string, epoch: number): Promise<void> => {
  await trx.updateTable('model_places').set({ epoch }).where('model', 'like', partsOf(model)).execute();
};

/** Of which part is this key? The answer never changes: what was built is gone on with by it. FNV-1a. */
export const partOf = (key: string, count: number): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % count;
};
