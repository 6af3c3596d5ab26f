// The pieces by which words are found that are written with slips, as they are stored.
import type { Kysely } from 'kysely';
import { pagesOf } from '../engine/pages.ts';
import type { OrderSearchTables } from './order-search-tables.ts';
import { piecesOf } from './slips.ts';

/** Of these words those that would not be found by one of their pieces. */
export const wordsWithoutPieces = async (
  rows: Pick<Kysely<OrderSearchTables>, 'selectFrom'>,
  words: ReadonlySet<string>,
  maxParameters: number,
): Promise<ReadonlySet<string>> => {
  const pieces = new Set([...words].flatMap(piecesOf));
  const stored = new Set<string>();
  for (const page of pagesOf([...pieces], maxParameters)) {
    const found = await rows.selectFrom('found_pieces').selectAll().where('piece', 'in', page).execute();
    for (const { piece, word } of found) stored.add(`${piece} ${word}`);
  }
  return new Set([...words].filter((word) => piecesOf(word).some((piece) => !stored.has(`${piece} ${word}`))));
};
