// A run that is sold again from EventStoreDB, whose positions have gaps.
import { expect, test } from '@jest/globals';
import { payersOf } from '@railhead/commands/what-if/payers.ts';
import { sellAgain } from '@railhead/commands/what-if/sell-again.ts';
import { soldRunIn } from '@railhead/commands/what-if/what-if.ts';
import { bestFit } from '@railhead/domain/allocation/choose-seats.ts';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { pagesOf, viewOf } from '@railhead/infra/eventstore/log-view.ts';
import { anyEventStore } from '../support/any-eventstore.ts';
import { closeAfterEach } from '../support/esdb-world.ts';
import { eventsOfHistory } from '../support/stored-histories.ts';

closeAfterEach();

test('comes to what happened under the rules of the sale', async () => {
  const { store } = await anyEventStore();
  const history = eventsOfHistory('001-one-stream-at-a-time');
  for (const { stream, revision, position: _, ...event } of history)
    await store.append([{ stream, expected: revision === 0 ? 'noStream' : revision - 1, events: [event] }]);
  const opened = history.find((event) => event.type === 'TrainRunOpened');
  if (opened === undefined) throw new Error('the history has a run');
  const log = pagesOf(viewOf(store));
  const sold = await soldRunIn(log, runCategory.idOf(opened.stream), await log.lastPosition());
  if (!sold.ok) throw new Error(sold.refusal.detail);
  expect(sold.value.asked.size).toBe(15);
  const rules = { policy: bestFit, quotas: [], forecasts: [] };
  const again = sellAgain(sold.value, { rules, payers: payersOf(1, 0) });
  expect(again).toMatchObject({ ok: true, value: { outcomes: sold.value.outcomes } });
}, 60_000);
