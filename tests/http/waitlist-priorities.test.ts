// Of those who wait for seats at the same time, members and whole parties may go first, if the railway says so.
import { afterEach, describe, expect, test } from '@jest/globals';
import { LogAudit } from '@railhead/commands/audit/log-audit.ts';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { MemoryEventStore } from '@railhead/infra/eventstore/memory/memory-event-store.ts';
import { PeopleWhoWait, type WaitingOptions } from '../support/people-who-wait.ts';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Json, passenger } from '../support/shopper.ts';

let open: ServedRailway[] = [];
afterEach(async () => {
  await Promise.all(open.map((railway) => railway.stop()));
  open = [];
});

const BOTH = {
  waitlistPriorities: 'member-level, party-size',
  waitlistSameTimeSeconds: 3_600,
  // Orders keep their seats while the clock leaps.
  paymentMinutes: 1_440,
};
const CHOICE = { train: 'G900', date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second' };

/** A train with two seats. */
const served = async (settings: object, log = new MemoryEventStore()): Promise<ServedRailway> => {
  const railway = await ServedRailway.start({ rows: 1, letters: 'AF', stops: 3 }, settings, log);
  open.push(railway);
  return railway;
};

/** Both seats are taken, by an order each. */
const full = async (railway: ServedRailway): Promise<readonly string[]> => {
  const orders: string[] = [];
  for (let n = 0; n < 2; n += 1) orders.push((await railway.order({ passengers: [passenger()] })).body.orderNo);
  return orders;
};
const cancel = async (railway: ServedRailway, orderNo: string): Promise<void> => {
  const token = await railway.token('alice');
  expect((await railway.ask(`/v1/orders/${orderNo}/cancel`, { method: 'POST', token })).status).toBe(200);
};
const waits = async (railway: ServedRailway, user: string, options: WaitingOptions = {}): Promise<string> =>
  new PeopleWhoWait(railway).wait(user, [CHOICE], options);
const placeOf = async (railway: ServedRailway, user: string, waitlistNo: string): Promise<Json> => {
  const { position, waiting } = (await new PeopleWhoWait(railway).now(user, waitlistNo)).choices[0];
  return [position, waiting];
};
/** As operators see the line, page by page, with the level of each. */
const inLine = async (railway: ServedRailway): Promise<readonly Json[]> => {
  const token = await railway.token('olga', { role: 'operator' });
  const found: Json[] = [];
  let page = '';
  do {
    const path = `/v1/admin/waitlist?train=G900&date=${RUN_DATE}&limit=1${page}`;
    const { waiting, nextCursor } = (await railway.ask(path, { token })).body;
    found.push(...waiting);
    page = nextCursor === undefined ? '' : `&cursor=${nextCursor}`;
  } while (page !== '');
  return found.map(({ position, waitlistNo, priority }) => [position, waitlistNo, priority.ranks[0].value]);
};
const submittedBy = async (railway: ServedRailway, user: string): Promise<Json> =>
  (await railway.events()).findLast(({ type, data }) => type === 'WaitlistSubmitted' && (data as Json).userId === user)
    ?.data;
const verified = (log: readonly RecordedEvent[]): void => {
  const audit = new LogAudit();
  for (const event of log) audit.add(event);
  expect(audit.report().violations).toEqual([]);
};

describe('of those who came in the same hour', () => {
  test('the member goes first, then the larger party, then who came first', async () => {
    const railway = await served(BOTH);
    const orders = await full(railway);
    const guest = await waits(railway, 'guest');
    const family = await waits(railway, 'family', { party: 2 });
    const member = await waits(railway, 'member', { memberLevel: 3 });
    expect(await placeOf(railway, 'member', member)).toEqual([1, 3]);
    expect(await placeOf(railway, 'family', family)).toEqual([2, 3]);
    expect(await placeOf(railway, 'guest', guest)).toEqual([3, 3]);
    expect(await inLine(railway)).toEqual([
      [1, member, 3],
      [2, family, 0],
      [3, guest, 0],
    ]);
    await cancel(railway, orders[0] ?? '');
    const people = new PeopleWhoWait(railway);
    await people.until('member', member, 'SUCCESS');
    // The family cannot use one seat, and keeps its place.
    await cancel(railway, orders[1] ?? '');
    await people.until('guest', guest, 'SUCCESS');
    expect(await placeOf(railway, 'family', family)).toEqual([1, 1]);
    verified(await railway.events());
  });

  test('nobody goes before who came in the hour before', async () => {
    const railway = await served(BOTH);
    const [order = ''] = await full(railway);
    const guest = await waits(railway, 'guest');
    railway.clock.leap(3_600_000);
    const member = await waits(railway, 'member', { memberLevel: 9 });
    expect(await placeOf(railway, 'member', member)).toEqual([2, 2]);
    await cancel(railway, order);
    await new PeopleWhoWait(railway).until('guest', guest, 'SUCCESS');
    verified(await railway.events());
  });
});

describe('a level', () => {
  test('is said by the token and by nothing else that a client sends', async () => {
    const railway = await served(BOTH);
    await full(railway);
    const token = await railway.token('eve');
    const body = { choices: [CHOICE], passengers: [passenger()] };
    const refused = await railway.ask('/v1/waitlist', { token, body: { ...body, memberLevel: 9 } });
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ at: 'body.memberLevel' }] } });
    await waits(railway, 'eve');
    expect(await submittedBy(railway, 'eve')).toMatchObject({
      priority: {
        ranks: [
          { by: 'member-level', value: 0 },
          { by: 'party-size', value: 1 },
        ],
      },
    });
    const forged = await railway.token('eve', { memberLevel: 9, secret: 'the secret of somebody else' });
    expect((await railway.ask('/v1/waitlist', { token: forged, body })).status).toBe(401);
  });

  test('is that of the first submission, also if the same request comes again with another one', async () => {
    const railway = await served(BOTH);
    await full(railway);
    const people = new PeopleWhoWait(railway);
    const asked = { choices: [CHOICE], passengers: [passenger()] };
    const send = async (memberLevel: number) =>
      railway.ask('/v1/waitlist', {
        token: await railway.token('mia', { memberLevel }),
        headers: { 'Idempotency-Key': 'one' },
        body: asked,
      });
    const [first, again] = [await send(2), await send(9)];
    expect([first.status, again.status, again.body.waitlistNo]).toEqual([201, 201, first.body.waitlistNo]);
    expect(await submittedBy(railway, 'mia')).toMatchObject({
      priority: {
        ranks: [
          { by: 'member-level', value: 2 },
          { by: 'party-size', value: 1 },
        ],
      },
    });
    expect((await people.now('mia', first.body.waitlistNo)).status).toBe('PENDING');
  });
});

describe('another configuration', () => {
  test('is in the log from the start on, and moves nobody who waits', async () => {
    const log = new MemoryEventStore();
    const before = await served({}, log);
    const [order = ''] = await full(before);
    // Each server of the tests begins at the same instant.
    before.clock.leap(-3_600_000);
    const guest = await waits(before, 'guest');
    expect(await submittedBy(before, 'guest')).not.toHaveProperty('priority');
    expect((await before.events()).filter(({ type }) => type === 'WaitlistPrioritiesSet')).toEqual([]);
    // The log lives longer than the process that had it.
    const after = await served({ ...BOTH, waitlistSameTimeSeconds: 86_400 }, log);
    const member = await waits(after, 'member', { memberLevel: 9, party: 2 });
    expect(await placeOf(after, 'member', member)).toEqual([2, 2]);
    expect(await placeOf(after, 'guest', guest)).toEqual([1, 2]);
    await cancel(after, order);
    await new PeopleWhoWait(after).until('guest', guest, 'SUCCESS');
    const set = (await after.events()).filter(({ type }) => type === 'WaitlistPrioritiesSet');
    expect(set).toMatchObject([
      {
        stream: 'waitlistPriorities-railway',
        data: { rules: ['member-level', 'party-size'], sameTimeSeconds: 86_400 },
      },
    ]);
    verified(await after.events());
  });
});

test('without priorities nothing of them is in the log, whatever a token says', async () => {
  const railway = await served({});
  const [order = ''] = await full(railway);
  const guest = await waits(railway, 'guest');
  const member = await waits(railway, 'member', { memberLevel: 9, party: 2 });
  expect(await placeOf(railway, 'member', member)).toEqual([2, 2]);
  await cancel(railway, order);
  await new PeopleWhoWait(railway).until('guest', guest, 'SUCCESS');
  const log = await railway.events();
  expect(JSON.stringify(log)).not.toMatch(/"priority"|WaitlistPriorities|countsFrom/);
  verified(log);
});

test('a log in which somebody was served past their priority is found', async () => {
  const railway = await served(BOTH);
  const [order = ''] = await full(railway);
  await waits(railway, 'guest');
  const member = await waits(railway, 'member', { memberLevel: 3 });
  await cancel(railway, order);
  await new PeopleWhoWait(railway).until('member', member, 'SUCCESS');
  const log = await railway.events();
  const codes = (events: readonly RecordedEvent[]): readonly string[] => {
    const audit = new LogAudit();
    for (const event of events) audit.add(event);
    return [...new Set(audit.report().violations.map(({ code }) => code))];
  };
  expect(codes(log)).toEqual([]);
  const withLevels = (from: number, to: number): readonly RecordedEvent[] =>
    log.map((event) => ({
      ...event,
      // Safe cast: the same data with other levels.
      data: JSON.parse(
        JSON.stringify(event.data)
          .replaceAll(`"by":"member-level","value":${from}`, '"by":"member-level","value":"was"')
          .replaceAll(`"by":"member-level","value":${to}`, `"by":"member-level","value":${from}`)
          .replaceAll('"by":"member-level","value":"was"', `"by":"member-level","value":${to}`),
      ) as RecordedEvent['data'],
    }));
  // Everything is as the log says but for who was served.
  expect(codes(withLevels(3, 0))).toEqual(['OVERTAKEN']);
  // A level that does not exist.
  expect(codes(withLevels(3, 12))).toEqual(['WAITLIST_DIFFERS']);
  const without = log.filter(({ type }) => type !== 'WaitlistPrioritiesSet');
  expect(codes(without)).toContain('WAITLIST_DIFFERS');
});
