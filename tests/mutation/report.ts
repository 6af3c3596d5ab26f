// The result of a run of Stryker, folder by folder.
import type { Candidate } from './sample.ts';

type Status =
  | 'Killed'
  | 'Survived'
  | 'NoCoverage'
  | 'CompileError'
  | 'RuntimeError'
  | 'Timeout'
  | 'Ignored'
  | 'Pending';

type Mutant = Omit<Candidate, 'fileName'> & { readonly status: Status };

/** Of Stryker's report (the schema of mutation-testing-elements), what is looked at here. */
export type Report = { readonly files: Readonly<Record<string, { readonly mutants: readonly Mutant[] }>> };

export type Survivor = {
  readonly file: string;
  readonly line: number;
  /** What was put there instead. */
  readonly change: string;
  readonly status: string;
};

export type Score = {
  readonly name: string;
  /** Sentences left out. */
  readonly mutants: number;
  readonly tried: number;
  readonly noticed: number;
  readonly survivors: readonly Survivor[];
};

/** Nothing is compiled here, so only the sample's checker gives this status. */
const NOT_IN_THE_SAMPLE: Status = 'CompileError';
const NOTICED: readonly Status[] = ['Killed', 'Timeout', 'RuntimeError'];

/** One score a folder of the repository's first level. */
export const scoresOf = (report: Report): readonly Score[] => {
  const folders = new Map<string, { mutants: number; tried: number; survivors: Survivor[] }>();
  for (const [file, { mutants }] of Object.entries(report.files)) {
    const name = file.slice(0, file.indexOf('/'));
    const folder = folders.get(name) ?? { mutants: 0, tried: 0, survivors: [] };
    folders.set(name, folder);
    for (const { status, location, mutatorName, replacement = '' } of mutants) {
      if (status === 'Ignored') continue;
      folder.mutants += 1;
      if (status === NOT_IN_THE_SAMPLE) continue;
      folder.tried += 1;
      if (NOTICED.includes(status)) continue;
      const change = `${mutatorName}: ${replacement.replaceAll(/\s+/g, ' ').slice(0, 100)}`;
      folder.survivors.push({ file, line: location.start.line, change, status });
    }
  }
  return [...folders].map(([name, { survivors, ...counts }]) => ({
    name,
    ...counts,
    noticed: counts.tried - survivors.length,
    survivors,
  }));
};
