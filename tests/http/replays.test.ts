// A read model is built again beside the one that is read, is compared, takes over and is given up again, while people
// order and ask.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { transact } from '@railhead/commands/streams/transact.ts';
import { decide } from '@railhead/domain/replay/decide.ts';
import { replayCategory } from '@railhead/domain/replay/stream.ts';
import { PARTS } from '@railhead/infra/composition/parts.ts';
import { READ_MODELS } from '@railhead/projections/read-models.ts';
import { sql } from 'kysely';
import { Readers } from '../support/readers.ts';
import { Rebuilding, sellingWhile } from '../support/rebuilding.ts';
import { ServedRailway } from '../support/served-railway.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway;
let rebuilding: Rebuilding;
beforeEach(async () => {
  railway = await ServedRailway.start({ rows: 90, letters: 'ABCDF', stops: 3 });
  rebuilding = new Rebuilding(railway);
});
afterEach(() => railway.stop());

test('every model is built again, compared, takes over, goes back and takes over again during a sale, and nobody who asks is refused or sees older rows', async () => {
  const { orderNo } = await railway.ticketed(2);
  await railway.allShown();
  const models = Object.keys(READ_MODELS);
  await sellingWhile(railway, new Readers(railway), async () => {
    await Promise.all(models.map((model) => rebuilding.rebuildAndMove(model, () => railway.order())));
  });
  await railway.allShown();
  expect((await railway.orderNow(orderNo)).status).toBe('SUCCESS');
  for (const model of models)
    expect((await rebuilding.stateOf(model)).serving).toMatchObject({ generation: 2, lagEvents: 0 });
});

describe('a replay', () => {
  test('stands still, goes on, and is as fast as it may be', async () => {
    await railway.ticketed(1);
    expect((await rebuilding.start('sales', { eventsPerSecond: 1 })).body.beside).toMatchObject({
      limit: 1,
      does: 'building',
    });
    expect((await rebuilding.tell('sales', 'pause')).body.beside.does).toBe('paused');
    const { position } = (await rebuilding.stateOf('sales')).beside;
    await railway.ticketed(1);
    expect((await rebuilding.stateOf('sales')).beside.position).toBeLessThanOrEqual(position + 1);
    expect((await rebuilding.tell('sales', 'throttle', { eventsPerSecond: 0 })).body.beside.limit).toBe(0);
    await rebuilding.tell('sales', 'resume');
    await rebuilding.whole('sales');
    // What was measured is told before another one is begun.
    expect((await rebuilding.ask('/sales/plan')).body.seconds).toBeGreaterThan(0);
    expect((await rebuilding.ask('/orders/plan')).body.seconds).toBeUndefined();
    expect((await rebuilding.tell('sales', 'cancel')).body.beside).toBeUndefined();
    // Another one begins anew.
    await rebuilding.built('sales');
    expect((await rebuilding.stateOf('sales')).beside.generation).toBe(3);
  });

  test('is told what it cannot do', async () => {
    const refused = async (what: Promise<{ status: number; body: { code?: string } }>) => {
      const { status, body } = await what;
      return `${status} ${body.code}`;
    };
    for (const what of ['pause', 'resume', 'cancel', 'swap', 'verify'])
      expect([what, await refused(rebuilding.tell('sales', what))]).toEqual([what, '409 NO_REPLAY']);
    for (const what of ['rollback', 'drop'])
      expect([what, await refused(rebuilding.tell('sales', what))]).toEqual([what, '409 NOTHING_KEPT']);
    expect(await refused(rebuilding.start('sale'))).toBe('404 READ_MODEL_UNKNOWN');
    expect((await rebuilding.start('sale')).body.detail).toContain('did you mean sales?');
    // Here everything stands in SQLite, or the log is in memory.
    for (const model of ['orders', 'timetable'])
      expect(await refused(rebuilding.start(model, { workers: 2 }))).toBe('409 REPLAY_NOT_PARALLEL');
    expect((await rebuilding.start('orders', { workers: 2 })).body.detail).toMatch(/SQLite|data folder/);
    expect(await refused(rebuilding.start('orders', { workers: 17 }))).toBe('400 INVALID_REQUEST');
    expect((await rebuilding.ask('/orders/plan?workers=2')).body.refusals).toMatchObject([
      { code: 'REPLAY_NOT_PARALLEL' },
    ]);
    expect(await refused(rebuilding.start('sales', { from: 5, until: 3 }))).toBe('422 MOMENTS_BACKWARDS');
    expect(await refused(rebuilding.start('sales', { until: 1_000_000 }))).toBe('422 MOMENT_IN_FUTURE');
    expect(await refused(rebuilding.start('sales', { from: 'yesterday' }))).toBe('400 MOMENT_INVALID');
    await rebuilding.built('sales');
    expect(await refused(rebuilding.start('sales'))).toBe('409 REPLAY_UNDER_WAY');
    expect(await refused(rebuilding.tell('sales', 'swap'))).toBe('409 REPLAY_UNVERIFIED');
    expect(await refused(rebuilding.tell('sales', 'rollback'))).toBe('409 NOTHING_KEPT');
    await rebuilding.verify('sales', { sample: 10 });
    expect(await refused(rebuilding.tell('sales', 'swap'))).toBe('409 REPLAY_UNVERIFIED');
    expect((await rebuilding.tell('sales', 'swap', { unverified: true })).status).toBe(200);
    expect(await refused(rebuilding.start('sales'))).toBe('409 GENERATION_KEPT');
    expect(await refused(rebuilding.tell('sales', 'cancel'))).toBe('409 NO_REPLAY');
  });

  test('of a part of the log can be looked at, and is never read in place of the whole', async () => {
    const { orderNo } = await railway.ticketed(1);
    const until = await railway.store.lastPosition();
    await railway.ticketed(1);
    await rebuilding.start('orders', { until, streams: ['order'] });
    await waitUntil('it to be there', async () => (await rebuilding.stateOf('orders')).beside.percent === 100);
    expect((await rebuilding.stateOf('orders')).beside.part).toEqual({ until, streams: ['order'] });
    for (const what of ['swap', 'verify'])
      expect((await rebuilding.tell('orders', what)).body.code).toBe('REPLAY_PARTIAL');
    const { models } = (await rebuilding.ask('?sizes=true')).body;
    const orders = models.find(({ model }: { model: string }) => model === 'orders');
    expect([orders.serving.rows, orders.beside.rows]).toEqual([2, 1]);
    expect((await railway.orderNow(orderNo)).status).toBe('SUCCESS');
  });

  test('of all streams that its model reads is one of the whole', async () => {
    await railway.ticketed(1);
    const { body } = await rebuilding.start('orders', { streams: ['payment', 'order', 'payment'] });
    expect(body.beside.part).toEqual({});
    await rebuilding.whole('orders');
    expect((await rebuilding.verify('orders')).unlikeLog).toBe(0);
  });

  test('whose rows are not as the log has them is found out, with the row and its events', async () => {
    const { orderNo } = await railway.ticketed(1);
    await rebuilding.built('orders');
    const { orders } = railway.server.container.get(PARTS.modelGenerations).of;
    const rows = orders?.beside?.opened.queries.rows;
    await rows?.rewrite([orderNo], async () => new Map());
    const report = await rebuilding.verify('orders');
    expect(report).toMatchObject({ rows: 0, log: { rows: 1 }, unlikeLog: 1, unlikeServing: 1 });
    expect(report.checksum).not.toBe(report.log.checksum);
    const [unlike] = report.differences;
    expect(unlike).toMatchObject({ key: JSON.stringify(['orders', orderNo]), than: 'log', other: expect.any(String) });
    expect(unlike.rebuilt).toBeUndefined();
    expect(unlike.events[0]).toMatchObject({ stream: `order-${orderNo}`, type: 'OrderRequested' });
    const { status, body } = await rebuilding.tell('orders', 'swap');
    expect([status, body.code]).toEqual([409, 'REPLAY_DIFFERS']);
  });

  test('cannot write into the log, and what it reads causes nothing', async () => {
    await railway.ticketed(1);
    const before = (await railway.events()).length;
    await rebuilding.built('orders');
    await rebuilding.built('sales');
    // Both were begun, and nothing else came of it.
    expect((await railway.events()).slice(before).map(({ type }) => type)).toEqual(['ReplayStarted', 'ReplayStarted']);
  });

  test('is begun once by one request, however often it is sent and whatever has happened since', async () => {
    const begin = () => rebuilding.ask('', { model: 'sales' }, 'one');
    expect((await begin()).status).toBe(201);
    expect((await begin()).status).toBe(201);
    await rebuilding.tell('sales', 'cancel');
    const { status, body } = await begin();
    expect([status, body.beside]).toEqual([201, undefined]);
    const ids = (await railway.events()).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    await rebuilding.built('sales');
    await rebuilding.verify('sales');
    const swap = () => rebuilding.ask('/sales/swap', {}, 'two');
    for (let n = 0; n < 2; n += 1)
      expect(await swap()).toMatchObject({ status: 200, body: { serving: { generation: 3 } } });
  });

  test('is not compared before it is whole, and takes no streams that its model does not read', async () => {
    await railway.ticketed(1);
    await rebuilding.start('sales', { eventsPerSecond: 1 });
    await rebuilding.tell('sales', 'pause');
    expect((await rebuilding.tell('sales', 'verify')).body.code).toBe('REPLAY_UNFINISHED');
    const { status, body } = await rebuilding.start('orders', { streams: ['order', 'nonsense'] });
    expect([status, body.detail]).toEqual([400, 'orders reads no streams nonsense']);
  });

  test('whose table somebody has dropped is not read, and is built once more', async () => {
    await railway.ticketed(1);
    await rebuilding.built('orders');
    await rebuilding.verify('orders');
    const { db } = railway.server.container.get(PARTS.readDatabases).sql;
    await sql`drop table orders_g2`.execute(db);
    expect((await rebuilding.tell('orders', 'swap')).status).toBe(503);
    await rebuilding.whole('orders');
    expect((await rebuilding.verify('orders')).unlikeLog).toBe(0);
    expect((await rebuilding.tell('orders', 'swap')).status).toBe(200);
    await railway.allShown();
    expect((await rebuilding.stateOf('orders')).serving.generation).toBe(2);
  });

  test('that another process has begun, read and dropped what was read before: who asks just then is answered from it', async () => {
    const { orderNo } = await railway.ticketed(1);
    await rebuilding.built('orders');
    await rebuilding.verify('orders');
    // This one hears of nothing.
    railway.store.followers.shut((categories) => categories.includes(replayCategory.name));
    const deps = { store: railway.store, clock: railway.clock };
    for (const command of [{ type: 'Swap', isWhole: true, unverified: false }, { type: 'Drop' }] as const) {
      const origin = { commandId: command.type, actor: 'olga', correlationId: 'c' };
      const decided = await transact(deps, replayCategory, 'orders', origin, (state) => decide(state, command));
      expect(decided.ok).toBe(true);
    }
    const { db } = railway.server.container.get(PARTS.readDatabases).sql;
    await sql`drop table orders`.execute(db);
    expect((await railway.orderNow(orderNo)).status).toBe('SUCCESS');
    expect((await rebuilding.stateOf('orders')).serving.generation).toBe(2);
  });

  test('of which a row is damaged is built once more, and nothing else is; so is what is read', async () => {
    const { orderNo } = await railway.ticketed(1);
    await rebuilding.built('orders');
    const { sql: database } = railway.server.container.get(PARTS.readDatabases);
    const { deadLetters } = railway.server.container.get(PARTS.modelGenerations).of;
    const others = deadLetters.read.runner;
    if (database.repair === undefined) return;
    await sql`update orders_g2 set view = '{'`.execute(database.db);
    expect((await rebuilding.tell('orders', 'verify')).status).toBe(503);
    expect((await railway.orderNow(orderNo)).status).toBe('SUCCESS');
    await rebuilding.whole('orders');
    expect((await rebuilding.verify('orders')).unlikeLog).toBe(0);
    await sql`update orders set view = '{'`.execute(database.db);
    const token = await railway.token('alice');
    expect((await railway.ask(`/v1/orders/${orderNo}`, { token })).status).toBe(503);
    await waitUntil(
      'it to be there again',
      async () => (await railway.ask(`/v1/orders/${orderNo}`, { token })).status === 200,
    );
    expect((await rebuilding.verify('orders')).unlikeServing).toBe(0);
    expect([database.repair.renewals, others.unreadable]).toEqual([0, undefined]);
  });

  test('does not keep a question from failing for which there is no other generation', async () => {
    const { orderNo } = await railway.ticketed(1);
    const { db } = railway.server.container.get(PARTS.readDatabases).sql;
    await sql`drop table orders`.execute(db);
    const { status } = await railway.ask(`/v1/orders/${orderNo}`, { token: await railway.token('alice') });
    expect(status).toBe(500);
    await sql`create table orders (order_no text)`.execute(db);
  });
});
