// A failure for a person to read: the broken promise, the time, the incidents on a time line, and the last steps.
import type { Step } from './kernel/trace.ts';
import type { Failure } from './run-seed.ts';

const WIDTH = 60;
const LONGEST_LINE = 240;
const SHOWN_INCIDENTS = 40;

const clock = (ms: number): string => {
  const seconds = Math.floor(ms / 1_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}.${String(Math.floor(ms % 1_000)).padStart(3, '0')}`;
};

const line = ({ atMs, who, what }: Step): string => `  ${clock(atMs)} ${who.padEnd(9)} ${what}`.slice(0, LONGEST_LINE);

/** One row for each node, one column for each part of the day; a digit is the number of incidents. */
const timeline = ({ timeline: incidents, atMs }: Failure): readonly string[] => {
  const end = Math.max(1, atMs);
  const rows = new Map<string, number[]>();
  for (const incident of incidents) {
    // All lives of a node share a row.
    const who = incident.who.replace(/\.\d+$/, '');
    const row = rows.get(who) ?? new Array<number>(WIDTH).fill(0);
    const column = Math.min(WIDTH - 1, Math.floor((incident.atMs / end) * WIDTH));
    row[column] = (row[column] ?? 0) + 1;
    rows.set(who, row);
  }
  const shown = (count: number): string => (count === 0 ? '·' : count > 9 ? '#' : String(count));
  return [...rows].map(([who, row]) => `  ${who.padEnd(9)} ${row.map(shown).join('')}`);
};

export const failureReport = (seed: number, failure: Failure): string =>
  [
    `seed ${seed}: ${failure.detail}`,
    '',
    `incidents until ${clock(failure.atMs)} (minutes:seconds of the simulated day)`,
    ...timeline(failure),
    '',
    `the last ${Math.min(SHOWN_INCIDENTS, failure.timeline.length)} incidents`,
    ...failure.timeline.slice(-SHOWN_INCIDENTS).map(line),
    '',
    `the last ${failure.lastSteps.length} steps`,
    ...failure.lastSteps.map(line),
  ].join('\n');
