import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RailheadProcess, railhead } from '@railhead/tests/support/railhead-process.ts';
import { ask, runDate } from '@railhead/tests/support/shopper.ts';
import { smallRailway } from '@railhead/tests/support/small-railway.ts';
import { tempFolder } from '@railhead/tests/support/temp-folder.ts';
import { waitUntil } from '@railhead/tests/support/wait-until.ts';

const root = tempFolder();
const data = join(root, 'data');
let server: RailheadProcess;
beforeAll(async () => {
  mkdirSync(data);
  server = await RailheadProcess.start(data, smallRailway(root, { rows: 20, letters: 'AB', stops: 3 }));
});
afterAll(() => server.stop());

const readModels = (...args: readonly string[]) => railhead('read-models', ...args, '--data', data);
const isShown = async (): Promise<boolean> =>
  (await ask(`${server.url}/v1/trains/G900?date=${runDate(2)}`)).status === 200;

test('lists the models of the serving process, skips an event, and has it tried again', async () => {
  const { code, stdout } = await readModels('list');
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^timetable +live +\d+$/m)]);
  await waitUntil('the train to be shown', isShown);
  const events = (await railhead('events', '--json', '--data', data)).stdout.trim().split('\n');
  const opened = events.map((line) => JSON.parse(line)).find(({ stream }) => stream === `trainRun-G900_${runDate(2)}`);
  const at = String(opened.position);

  const skipped = await readModels('skip', 'timetable', at, '--reason', 'it never runs', '--by', 'olga');
  expect(skipped).toMatchObject({ code: 0, stdout: `skipped: TrainRunOpened of ${opened.stream}\n` });
  await waitUntil('the train to be gone', async () => !(await isShown()));
  expect((await readModels('list')).stdout).toContain(`skipped ${at} of ${opened.stream} by olga: it never runs`);

  const retried = await readModels('retry', 'timetable', at, '--json');
  expect(JSON.parse(retried.stdout)).toMatchObject({ model: 'timetable', stream: opened.stream });
  await waitUntil('the train to be shown again', isShown);
});

test.each([
  ['a model that there is not', ['skip', 'nothing', '1', '--reason', 'why'], 'READ_MODEL_UNKNOWN'],
  ['an event that there is not', ['retry', 'orders', '99999999'], 'EVENT_UNKNOWN'],
  ['a position that is none', ['retry', 'orders', 'last'], 'INVALID_REQUEST'],
  ['no reason', ['skip', 'orders', '1'], 'reason'],
])('%s is refused', async (_, args, why) => {
  const { code, stderr } = await readModels(...args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
});

test('a process that does not answer, or is none of Railhead, is named', async () => {
  const other = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  const unavailable = [5, expect.stringMatching(/does not answer as Railhead does.*\[UNAVAILABLE\]/)];
  const hello = await readModels('list', '--url', url);
  expect([hello.code, hello.stderr]).toEqual(unavailable);
  other.close();
  await once(other, 'close');
  const nobody = await readModels('list', '--url', url);
  expect([nobody.code, nobody.stderr]).toEqual(unavailable);
});

test('a folder that nobody serves is no process to ask', async () => {
  const { code, stderr } = await railhead('read-models', 'list', '--data', join(root, 'other'));
  expect([code, stderr]).toEqual([2, expect.stringContaining('nothing serves')]);
});
