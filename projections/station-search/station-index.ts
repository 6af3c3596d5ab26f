// Where stations are searched: in the memory of each process, or on a search server. tests/search/questions.ts says what is
// expected of both.
import type { Position } from '@railhead/commands/ports/event-store.ts';
import type { StationFacts, StationKeys } from './station-keys.ts';

/** A station as it is answered. */
export type FoundStation = StationFacts;

/** A station as it is searched. */
export type SearchedStation = {
  readonly facts: StationFacts;
  readonly keys: StationKeys;
  /** How many trains call there. */
  readonly calls: number;
};

export interface StationIndex {
  /**
   * The best `limit` of what is found, best first: by the way in which it is found, then by calls, then by code. So the
   * answer to a smaller limit begins the answer to a larger one. Sees everything up to `upTo`, where that is given.
   */
  search(text: string, limit: number, upTo?: Position): Promise<readonly FoundStation[]>;
}
