// Events of a newer version: what they say is not shown, and that is told.
import { expect, test } from '@jest/globals';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { recordedLog } from '@railhead/tests/support/recorded-log.ts';
import { eventsOfHistory } from '@railhead/tests/support/stored-histories.ts';
import { diffRailway } from './diff-railway.ts';
import { ordersInLog } from './past-user.ts';
import { classAt, diffOf, orderAt, runAt, thingNamed, userAt } from './things.ts';
import { told } from './told-moment.ts';

const known = eventsOfHistory('004-tickets-given-back');
const end = known.length + 1;

/** The log with an event of a newer version at its end, in the stream of another event. */
const withStrange = (type: string) => {
  const same = known.findLast((event) => event.type === type);
  if (same === undefined) throw new Error(`no ${type} in the log`);
  const revision = known.filter(({ stream }) => stream === same.stream).length;
  const strange: RecordedEvent = { ...same, type: 'SomethingNew', revision, position: end };
  const log = recordedLog([...known, strange]);
  return {
    stream: same.stream,
    past: { log, orders: ordersInLog(log) },
    why: `SomethingNew version ${same.version} at position ${end}`,
  };
};
const [before, at] = [
  { position: end - 1, end },
  { position: end, end, at: 'then' },
];

test.each(['OrderTicketed', 'PaymentRefunded'])('after %s: of an order and its user', async (type) => {
  const { stream, past, why } = withStrange(type);
  const orderNo = stream.slice(stream.indexOf('-') + 1).replace(/P\d+$/, '');
  const [was, is] = [await orderAt(past, orderNo, before), await orderAt(past, orderNo, at)];
  if (!was.ok || !is.ok) throw new Error('it is there');
  expect(is.value.shown).toEqual(was.value.shown);
  expect([told(was.value).moment.setAside, told(is.value).moment.setAside]).toEqual([[], [{ stream, why }]]);
  const user = await userAt(past, is.value.shown.userId, at, { limit: 1_000 });
  expect(user).toMatchObject({ ok: true, value: { setAside: new Map([[stream, why]]) } });
  const diff = await diffOf(past, { kind: 'order', orderNo }, { from: before, to: at, limit: 10 });
  expect(diff).toMatchObject({ ok: true, value: { changes: [], setAside: new Map([[stream, why]]) } });
  const whole = await diffRailway(past.log, { from: { position: 0, end }, to: at, limit: 1_000 });
  expect(whole).toMatchObject({ ok: true, value: { events: end, setAside: [{ stream, why }] } });
  const last = await diffRailway(past.log, { from: { ...before, at: 'then' }, to: at, limit: 1_000 });
  expect(last).toMatchObject({ ok: true, value: { events: 1, orders: { changed: 0 } } });
});

test.each(['SeatLocksConfirmed', 'TrainRunOpened'])(
  'after %s: nothing of the class or the run is on sale',
  async (type) => {
    const { stream, past, why } = withStrange(type);
    const [, train = '', date = '', seatClass = 'first'] = /-([^_]+)_([^_]+)(?:_(.+))?$/.exec(stream) ?? [];
    const thing = thingNamed('class', `${train}_${date}_${seatClass}`);
    if (!thing.ok || thing.value.kind !== 'class') throw new Error('it is a class');
    const shown = await classAt(past, thing.value.asked, at);
    expect(shown).toMatchObject({ ok: true, value: { setAside: new Map([[stream, why]]) } });
    if (shown.ok)
      expect(shown.value.shown.journeys.map(({ available }) => available).every((free) => free === 0)).toBe(true);
    const run = await runAt(past, { train, date }, at);
    expect(run).toMatchObject({ ok: true, value: { setAside: new Map([[stream, why]]) } });
  },
);
