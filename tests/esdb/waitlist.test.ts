// Whoever waits gets freed seats also where no append covers two streams: first come first served, each once.
import { expect, test } from '@jest/globals';
import { LogAudit } from '@railhead/commands/audit/log-audit.ts';
import { anyEventStore } from '../support/any-eventstore.ts';
import { closeAfterEach } from '../support/esdb-world.ts';
import { PeopleWhoWait } from '../support/people-who-wait.ts';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { passenger } from '../support/shopper.ts';

closeAfterEach();

test('freed seats go to the first in the line, and what is left of the money comes back', async () => {
  const { store } = await anyEventStore();
  const railway = await ServedRailway.start({ rows: 2, letters: 'AF', stops: 3 }, {}, store);
  try {
    const people = new PeopleWhoWait(railway);
    const choices = [{ train: 'G900', date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second' }];
    const passengers = [passenger(), passenger(), passenger()];
    const [three, one] = [await railway.order({ passengers }), await railway.order()];
    const token = await railway.token('alice');
    const waiting: string[] = [];
    for (const user of ['w1', 'w2', 'w3']) waiting.push(await people.wait(user, choices));
    const [first = '', second = '', third = ''] = waiting;
    const cancelled = await railway.ask(`/v1/orders/${one.body.orderNo}/cancel`, { method: 'POST', token });
    expect(cancelled.status).toBe(200);
    await people.until('w1', first, 'SUCCESS');
    expect((await people.now('w2', second)).choices).toMatchObject([{ position: 1, waiting: 2 }]);
    await railway.ask(`/v1/waitlist/${second}`, { method: 'DELETE', token: await railway.token('w2') });
    await railway.ask(`/v1/orders/${three.body.orderNo}/cancel`, { method: 'POST', token });
    await people.until('w3', third, 'SUCCESS');
    expect(await people.now('w2', second)).toMatchObject({ status: 'FAIL', reason: 'GIVEN_UP' });
    const audit = new LogAudit();
    for (const event of await railway.events()) audit.add(event);
    expect(audit.report().violations).toEqual([]);
  } finally {
    await railway.stop();
  }
}, 120_000);
