// Two options that contradict each other are an error of usage, and nothing is simulated.
import { expect, test } from '@jest/globals';
import { railhead } from '@railhead/tests/support/railhead-process.ts';
import { Command, CommanderError } from 'commander';
import { simCommand } from './sim.ts';

const SEED = ['--seed', '7'];
const OTHERS: readonly (readonly string[])[] = [
  ['--seeds', '300'],
  ['--from', '2'],
  ['--minutes', '1'],
  ['--workers', '2'],
  ['--keep-going'],
];
const PAIRS: readonly (readonly [readonly string[], readonly string[]])[] = [
  ...OTHERS.map((other) => [SEED, other] as const),
  ...[SEED, ...OTHERS, ['--shrink']].map((other) => [['--planted'], other] as const),
  [
    ['--minutes', '1'],
    ['--seeds', '300'],
  ],
  [['--shrink'], ['--workers', '2']],
];

test.each([...PAIRS, ...PAIRS.map(([a, b]) => [b, a] as const)])('railhead sim %j %j', async (first, second) => {
  let said = '';
  const command = simCommand(new Command('sim'))
    .exitOverride()
    .configureOutput({
      writeErr: (text) => {
        said += text;
      },
    });
  const refused = await command.parseAsync([...first, ...second], { from: 'user' }).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refused).toBeInstanceOf(CommanderError);
  expect(said).toContain('cannot be used with option');
  for (const [flag = ''] of [first, second]) expect(said).toContain(flag);
});

test('railhead sim tells the kept regressions from the seeds that were asked for', async () => {
  const { code, stdout } = await railhead('sim', '--seeds', '1');
  const kept = Number(/^first (\d+) kept regressions, then the seeds/.exec(stdout)?.[1]);
  expect([code, stdout]).toEqual([0, expect.stringContaining(`${kept + 1} days in`)]);
});
