// An event that this version does not understand costs the stream it stands in, and nothing else: a newer version has
// written to the log, and this one goes on with all it understands.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LogAudit } from '@railhead/commands/audit/log-audit.ts';
import { newEvent } from '../support/events.ts';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway;
/** Of the train that newer versions write to; all others are sold on G900. */
const upgraded = { train: 'G901' };
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 20, letters: 'ABCDF', stops: 3, trains: 2 });
});
afterAll(() => railway.stop());

const write = (stream: string, type: string, version = 1) =>
  railway.store.append([{ stream, expected: 'any', events: [{ ...newEvent({}, type), version }] }]);

const buy = async (extra: object = {}): Promise<string> => {
  const placed = await railway.order(extra);
  expect(placed.status).toBe(201);
  const { orderNo } = placed.body;
  const payment = await railway.pay(orderNo);
  const { paymentNo, amountFen } = payment.body;
  expect((await railway.notify({ paymentNo, amountFen, outcome: 'paid' })).status).toBe(200);
  await waitUntil('the tickets', async () => (await railway.statusOf(orderNo)) === 'SUCCESS');
  return orderNo;
};

describe('an event of a newer version', () => {
  test.each([
    ['of an order that is over', async () => write(`order-${await buy()}`, 'OrderUpgraded')],
    [
      'of an order that waits for its payment',
      async () => write(`order-${(await railway.order()).body.orderNo}`, 'OrderUpgraded'),
    ],
    ['of an order, in a newer form', async () => write(`order-${await buy()}`, 'OrderClosed', 99)],
    ['of a payment', async () => write(`payment-${await buy()}P1`, 'PaymentUpgraded')],
    ['of a station', () => write('station-ST1', 'StationUpgraded')],
    ['of a train', () => write('train-G901', 'TrainUpgraded')],
    [
      'of a segment',
      async () => {
        await buy(upgraded);
        await write(`segmentInventory-G901_${RUN_DATE}_0_second`, 'SegmentUpgraded');
        expect(await railway.order(upgraded)).toMatchObject({ status: 409, body: { code: 'SALE_STOPPED' } });
      },
    ],
    ['of a lock book', () => write(`seatLock-G901_${RUN_DATE}_second`, 'BookUpgraded')],
    ['of a run', () => write(`trainRun-G901_${RUN_DATE}`, 'TrainRunUpgraded')],
    ['in a stream of a strange name', () => write('seatLock-whatever', 'BookOpened')],
  ])('%s: all others are sold, shown and audited', async (_, happen) => {
    await happen();
    const orderNo = await buy();
    await railway.shown();
    expect(await railway.statusOf(orderNo)).toBe('SUCCESS');
    expect((await railway.ask('/readyz')).body).toMatchObject({ ready: true });
    await railway.server.openSale();
  });

  test('of a class shows nothing of it as free, and the metrics count what is set aside', async () => {
    const { body } = await railway.ask(`/v1/trains/G901/runs/${RUN_DATE}/availability?from=ST0&to=ST2`);
    expect(body.classes[0]).toMatchObject({ available: 0 });
    const metrics = (await railway.ask('/metrics')).body;
    expect(metrics).toContain('railhead_classes_stopped 1');
    expect(metrics).toContain('railhead_streams_set_aside{part="order process"} 4');
    expect(metrics).toContain('railhead_streams_set_aside{part="orders"} 4');
    expect(metrics).toContain('railhead_streams_set_aside{part="availability"} 4');
    expect(metrics).toContain('railhead_streams_set_aside{part="timetable"} 2');
  });

  test('is named by the readiness, which stays as it is', async () => {
    const { body } = await railway.ask('/readyz');
    expect(body).toMatchObject({ ready: true, stoppedClasses: { [`G901_${RUN_DATE}_second`]: expect.any(String) } });
    const streams = Object.keys(body.streamsSetAside);
    for (const name of ['order-', 'payment-', 'station-ST1', 'seatLock-whatever', `trainRun-G901_${RUN_DATE}`])
      expect(streams.filter((stream) => stream.startsWith(name)).length).toBeGreaterThan(0);
    expect(Object.values(body.streamsSetAside)).toContainEqual(expect.stringContaining('OrderClosed version 99'));
  });

  test('is named by the audit, each once, and the log is not clean', async () => {
    const audit = new LogAudit();
    for (const event of await railway.events()) audit.add(event);
    const { ok, violations } = audit.report();
    expect(ok).toBe(false);
    const named = violations.map(({ code, detail }) => `${code} ${detail.split(' ', 3)[0]}`);
    expect(named.sort()).toEqual(
      [
        'OrderUpgraded',
        'OrderUpgraded',
        'OrderClosed',
        'PaymentUpgraded',
        'StationUpgraded',
        'TrainUpgraded',
        'SegmentUpgraded',
        'BookUpgraded',
        'TrainRunUpgraded',
        'BookOpened',
      ]
        .map((type) => `EVENT_UNREADABLE ${type}`)
        .sort(),
    );
  });
});
