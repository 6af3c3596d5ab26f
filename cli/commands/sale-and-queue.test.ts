// `railhead sale` and `railhead queue`: when sales open, an operator's hand on the queue of a run, and the proof of its order,
// also while it is served.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RailheadProcess, railhead } from '@railhead/tests/support/railhead-process.ts';
import { ask, runDate, tokenFor } from '@railhead/tests/support/shopper.ts';
import { smallRailway } from '@railhead/tests/support/small-railway.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';

const root = tempFolder();
const data = join(root, 'data');
const date = runDate(2);
let server: RailheadProcess;
beforeAll(async () => {
  mkdirSync(data);
  server = await RailheadProcess.start(data, smallRailway(root, { rows: 1, letters: 'AC', stops: 3 }));
}, 60_000);
afterAll(() => server.stop());

const sale = (...args: readonly string[]) => railhead('sale', ...args, '--data', data);

const run = `G900_${date}`;

test('openings are said, listed and taken back, one by one', async () => {
  expect((await sale('list')).stdout).toBe('everything is sold as soon as its date is\n');
  const at = '2026-12-01T08:00:00+08:00';
  expect(await sale('opens', '--run', run, '--at', at)).toMatchObject({ code: 0, stdout: `run      ${run}  ${at}\n` });
  await sale('opens', '--station', 'ST0', '--at', '08:30', '--days-before', '3');
  const changed = await sale('opens', '--station', 'ST0', '--at', '09:00', '--json');
  expect(JSON.parse(changed.stdout)).toMatchObject({
    version: 3,
    runs: [{ train: 'G900', opensAt: at }],
    stations: [{ station: 'ST0', opens: '09:00', daysBefore: 14 }],
  });
  expect((await sale('forget', '--run', run)).stdout).toBe('station  ST0  09:00, 14 days before\n');
});

test('what the timetable does not have is refused, unless it is wanted, and named in the list', async () => {
  const at = '2026-12-01T08:00:00+08:00';
  const slip = ['opens', '--run', `G9OO_${date}`, '--at', at] as const;
  const refused = await sale(...slip);
  expect([refused.code, refused.stderr]).toEqual([
    6,
    'railhead: the timetable does not have train G9OO; --allow-unknown says it all the same [NOT_IN_TIMETABLE]\n',
  ]);
  const told = 'unknown  train G9OO: the timetable does not have it, nothing opens by this\n';
  expect((await sale(...slip, '--allow-unknown')).stdout).toContain(told);
  expect((await sale('list')).stdout).toContain(told);
  expect(JSON.parse((await sale('list', '--json')).stdout).unknown).toEqual({ trains: ['G9OO'], stations: [] });
  expect((await sale('forget', '--run', `G9OO_${date}`)).stdout).not.toContain('unknown');
});

test.each([
  [['opens', '--at', '08:00']],
  [['opens', '--run', run, '--day', runDate(2), '--at', '2026-12-01T08:00:00+08:00']],
  [['opens', '--run', run, '--at', '08:00']],
  [['opens', '--day', runDate(2), '--at', '2026-12-01T08:00:00+08:00', '--days-before', '3']],
  [['forget']],
])('what is wrongly asked for changes nothing and ends with 2: %j', async (args) => {
  const { code, stderr } = await sale(...args);
  expect([code, stderr.endsWith('[USAGE]\n')]).toEqual([2, true]);
});

test.each([
  [['opens', '--run', 'G900', '--at', '2026-12-01T08:00:00+08:00'], 'such as G1_2026-12-01'],
  [['opens', '--run', run, '--at', '2026-12-01T08:00:00'], 'an instant with its zone'],
  [['opens', '--day', 'tomorrow', '--at', '2026-12-01T08:00:00+08:00'], 'take a run date'],
  [['opens', '--station', 'ST0', '--at', 'noon'], 'a time of the clock'],
  [['opens', '--station', 'ST0', '--at', '08:00', '--days-before', 'x'], 'a whole number of days'],
  [['forget', '--run', 'G98_2026-12-05'], 'nothing was said of G98_2026-12-05'],
])('what an option takes is said: %j', async (args, words) => {
  const { code, stderr } = await sale(...args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
});

const queue = (...args: readonly string[]) => railhead('queue', ...args, '--data', data);
const joinAs = async (user: string) =>
  (await ask(`${server.url}/v1/queue`, { token: await tokenFor(data, user), body: { train: 'G900', date } })).body;

test('what was never queued is no queue', async () => {
  const { code, stderr } = await queue('prove', 'G900', date);
  expect([code, stderr]).toEqual([6, `railhead: G900 has no queue on ${date} [RUN_NOT_FOUND]\n`]);
});

test('a waiting room is proved before and after its seed is revealed', async () => {
  const opensAt = new Date(Date.now() + 3_600_000).toISOString();
  await railhead('sale', 'opens', '--run', `G900_${date}`, '--at', opensAt, '--data', data);
  for (const user of ['ann', 'bob', 'cid']) expect((await joinAs(user)).phase).toBe('WAITING_ROOM');
  const before = await queue('prove', 'G900', date);
  expect([before.code, before.stdout]).toEqual([0, expect.stringContaining('seed      not revealed yet')]);
  const later = new Date(Date.now() + 7_200_000).toISOString();
  await railhead('sale', 'opens', '--run', `G900_${date}`, '--at', later, '--by', 'olga', '--data', data);
  const putOff = await queue('prove', 'G900', date);
  const lines = putOff.stdout
    .split('\n')
    .filter((line) => line.startsWith('opening'))
    .slice(-2);
  expect(lines).toEqual([
    expect.stringMatching(/^opening {3}\S+, decided \S+ by operator$/),
    expect.stringMatching(/^opening {3}\S+, decided \S+ by olga: the last one$/),
  ]);
  await railhead('sale', 'forget', '--run', `G900_${date}`, '--data', data);
  const after = await waitUntil('the seed', async () => {
    const { code, stdout } = await queue('prove', 'G900', date, '--order', '--json');
    const report = JSON.parse(stdout);
    return report.waitingRoom.seed === undefined ? undefined : { code, ...report };
  });
  expect(after).toMatchObject({ code: 0, proved: true, joined: 3, findings: [] });
  const { opensAt: first, openings, revealed } = after.waitingRoom;
  expect(
    openings.slice(-3).map((one: { readonly opensAt?: string }) => Date.parse(one.opensAt ?? '') || 'at once'),
  ).toEqual([Date.parse(opensAt), Date.parse(later), 'at once']);
  expect(Date.parse(first)).toBe(Date.parse(opensAt));
  expect(revealed.position).toBeGreaterThan(openings.at(-1).position);
  expect([...after.waitingRoom.order].sort()).toEqual([1, 2, 3]);
  expect((await queue('prove', 'G900', date)).stdout).toContain('yes: the order follows from the log');
}, 60_000);

test('an operator pauses it, slows it down and opens it', async () => {
  expect((await queue('mode', 'G900', date, 'paused')).stdout).toContain(`G900 ${date}: PAUSED, by operator\n`);
  const slow = await queue('mode', 'G900', date, 'queued', '--rate', '2', '--json');
  expect(JSON.parse(slow.stdout)).toMatchObject({ mode: 'QUEUED', ratePerSecond: 2 });
  expect((await queue('show', 'G900', date)).stdout).toContain('2 a second at most');
  await queue('mode', 'G900', date, 'open', '--by', 'olga');
  const { stdout } = await railhead('events', `runQueue-G900_${date}`, '--json', '--data', data);
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .at(-1),
  ).toMatchObject({
    type: 'QueueModeSet',
    data: { mode: 'OPEN' },
    meta: { actor: 'olga' },
  });
}, 60_000);

test.each([
  [['prove', 'G900', 'soon'], 2],
  [['mode', 'G900', runDate(2), 'shut'], 2],
  [['mode', 'G900', runDate(2), 'queued', '--rate', 'fast'], 2],
  [['mode', 'G1', runDate(2), 'queued'], 6],
])('what is wrongly asked for is told: %j', async (args, code) => {
  expect((await queue(...args)).code).toBe(code);
});
