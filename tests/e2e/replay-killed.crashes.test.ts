// The process that builds a read model again is killed at each step: it goes on where it was, what was decided holds, and
// what is read is there.
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { RailheadProcess } from '../support/railhead-process.ts';
import { type Answer, ask, type Json, passenger, runDate, tokenFor } from '../support/shopper.ts';
import { smallRailway } from '../support/small-railway.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const isWhole = (beside: Json | undefined): boolean =>
  beside !== undefined && ['whole', 'kept'].includes(beside.does) && beside.state === 'live';
const ORDERS = 20;
const all = tempFolder();
test.each(['orders', 'availability', 'orderSearch'])(
  '%s',
  async (model) => {
    const root = join(all, model);
    const data = join(root, 'data');
    mkdirSync(data, { recursive: true });
    const args = smallRailway(root, { rows: 20, letters: 'ABCDF', stops: 3 });
    let server = await RailheadProcess.start(data, args);
    const [alice, olga] = [await tokenFor(data, 'alice'), await tokenFor(data, 'olga', 'operator')];
    const send = (path: string, body?: object): Promise<Answer> =>
      ask(`${server.url}/v1/admin/replays${path}`, { token: olga, ...(body === undefined ? {} : { body }) });
    const stateOf = async (): Promise<Json> => (await send('')).body.models.find((one: Json) => one.model === model);
    const order = async (): Promise<void> => {
      const body = {
        train: 'G900',
        date: runDate(2),
        from: 'ST0',
        to: 'ST2',
        seatClass: 'second',
        passengers: [passenger()],
      };
      await waitUntil('an order', async () => {
        const { status } = await ask(`${server.url}/v1/orders`, { token: alice, headers: { Prefer: 'wait=10' }, body });
        return status === 201;
      });
    };
    /** Orders and free seats, with everything that the log has. */
    const shown = async (count: number): Promise<void> => {
      await waitUntil('everything to be shown', async () => {
        const orders = await ask(`${server.url}/v1/orders?limit=50`, { token: alice });
        const found = await ask(`${server.url}/v1/admin/orders?limit=100`, { token: olga });
        const seats = await ask(`${server.url}/v1/trains/G900/runs/${runDate(2)}/availability?from=ST0&to=ST2`);
        if ([orders, found, seats].some(({ status }) => status !== 200)) return false;
        const [{ held, sold }] = seats.body.classes;
        return [orders.body.orders.length, found.body.orders.length, held + sold].every((each) => each === count);
      });
    };
    const killAndRestart = async (): Promise<void> => {
      await server.kill();
      server = await RailheadProcess.start(data, args);
    };
    const whole = () => waitUntil('it to be whole', async () => isWhole((await stateOf()).beside));
    /** Sends it and kills the process at once; says it again, unless it was decided. */
    const inTheMiddle = async (path: string, body: object, isDecided: (state: Json) => boolean): Promise<void> => {
      const sent = send(path, body).catch(() => undefined);
      await killAndRestart();
      await sent;
      if (!isDecided(await stateOf())) {
        // What was whole is so again a moment after the start.
        if (path !== '') await whole();
        const { status, body: answer } = await send(path, body);
        expect([path, status, answer.code]).toEqual([path, path === '' ? 201 : 200, undefined]);
      }
      expect(isDecided(await stateOf())).toBe(true);
    };

    for (let n = 0; n < ORDERS; n += 1) await order();
    await shown(ORDERS);
    await inTheMiddle('', { model, eventsPerSecond: 10 }, ({ beside }) => beside?.generation === 2);
    const before = await waitUntil('some of it to be built', async () => {
      const { beside } = await stateOf();
      return beside.position > 10 && beside.lagEvents > 20 ? beside.position : undefined;
    });
    await killAndRestart();
    // It is built from there, and not from the beginning. What is in memory is kept from time to time only.
    if (model !== 'availability')
      await waitUntil('it to go on', async () => (await stateOf()).beside.position >= before);
    await shown(ORDERS);
    await send(`/${model}/throttle`, { eventsPerSecond: 0 });
    await whole();
    const verifying = send(`/${model}/verify`, {}).catch(() => undefined);
    await killAndRestart();
    await verifying;
    expect(readdirSync(data).filter((name) => name.startsWith('compared-'))).toEqual([]);
    let sold = ORDERS;
    for (const [move, serving] of [
      ['swap', 2],
      ['rollback', 1],
      ['swap', 2],
    ] as const) {
      await whole();
      if (move === 'swap') {
        const { status, body } = await send(`/${model}/verify`, {});
        expect([status, body.unlikeLog, body.unlikeServing]).toEqual([200, 0, 0]);
      }
      await inTheMiddle(`/${model}/${move}`, {}, (state) => (state.movesTo ?? state.serving.generation) === serving);
      await order();
      sold += 1;
      await shown(sold);
      await waitUntil('it to be read', async () => (await stateOf()).serving.generation === serving);
    }
    await inTheMiddle(`/${model}/drop`, {}, ({ beside }) => beside === undefined);
    await order();
    await shown(sold + 1);
    await server.stop();
  },
  240_000,
);
