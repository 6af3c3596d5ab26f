// Which mutants are tried: all of them, or so many, drawn by a seed from what each of them is.
import { hash } from 'node:crypto';

export type Sample = { readonly size: number; readonly seed: string };

/** What tells one mutant from another, in Stryker's plugins and in its report alike. */
export type Candidate = {
  readonly fileName: string;
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
  readonly mutatorName: string;
  readonly replacement?: string | undefined;
};

export const SAMPLE_VARIABLE = 'RAILHEAD_MUTATION_SAMPLE';
export const SEED_VARIABLE = 'RAILHEAD_MUTATION_SEED';

export const sampleFromEnvironment = (env: NodeJS.ProcessEnv = process.env): Sample => ({
  size: Number(env[SAMPLE_VARIABLE] ?? Number.POSITIVE_INFINITY),
  seed: env[SEED_VARIABLE] ?? '1',
});

/** Uniform and the same in every run: a change elsewhere in the file moves lines, and only then draws anew. */
const rankOf = ({ fileName, location: { start }, mutatorName, replacement }: Candidate, seed: string): string =>
  hash('sha256', JSON.stringify([seed, fileName, start.line, start.column, mutatorName, replacement ?? '']), 'hex');

/** The `size` candidates that the seed draws first. */
export const chosen = <Item extends Candidate>(candidates: readonly Item[], { size, seed }: Sample): readonly Item[] =>
  candidates
    .map((candidate) => ({ candidate, rank: rankOf(candidate, seed) }))
    .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0))
    .slice(0, size)
    .map(({ candidate }) => candidate);
