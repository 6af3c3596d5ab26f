// What the run without mutants tells: how long each test file took, and which mutants its tests reached.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Reached = { readonly file: string; readonly ms: number; readonly mutants: readonly string[] };

/** In the copy of the repository that Stryker works in, and gone with it; read again by a worker that replaces a hung one. */
const NOTES = join(import.meta.dirname, '..', '..', 'reached.jsonl');

/** Stryker names the mutant that is switched on; none is in the run that measures. */
export const activeMutant = (): string | undefined => process.env.__STRYKER_ACTIVE_MUTANT__;
export const isTrial = (): boolean => activeMutant() === undefined;

export const note = (reached: Reached): void => appendFileSync(NOTES, `${JSON.stringify(reached)}\n`);

export const notes = (): readonly Reached[] =>
  existsSync(NOTES)
    ? readFileSync(NOTES, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Reached) // Written by `note`.
    : [];
