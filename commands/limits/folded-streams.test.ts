// Trying for a train again and again costs the same each time, and what is kept of a stream is used only while it is true.
import { describe, expect, test } from '@jest/globals';
import { ForwardingStore } from '@railhead/infra/eventstore/forwarding-store.ts';
import { recorded } from '@railhead/tests/support/events.ts';
import { closed, codeOf, limitedSale, numberOf, type SoldRun, settle } from '@railhead/tests/support/limited-sale.ts';
import type { EventStore, ReadStreamOptions, RecordedEvent } from '../ports/event-store.ts';
import { type FoldedStream, FoldedStreams } from './folded-streams.ts';

const G1: SoldRun = { train: 'G1', date: '2026-12-01', minutes: [600, 660, 720] };
const TRIES = 40;

describe.each([
  ['at once', true],
  ['in turn', false],
])('where streams are written %s', (_, atomicStreams) => {
  test('who tries for a train that is sold out again and again is answered from a few events each time', async () => {
    let events = 0;
    class Counted extends ForwardingStore {
      override async readStream(stream: string, options?: ReadStreamOptions): Promise<readonly RecordedEvent[]> {
        const read = await super.readStream(stream, options);
        if (/^(buyer|traveller)-/.test(stream)) events += read.length;
        return read;
      }
    }
    const sale = await limitedSale([G1], { atomicStreams, seen: (store: EventStore) => new Counted(store) });
    const reads: number[] = [];
    for (let tries = 0; tries < TRIES; tries += 1) {
      const before = events;
      const orderNo = numberOf(await sale.order());
      await sale.write(orderNo, closed('SOLD_OUT'));
      await settle(sale, orderNo);
      reads.push(events - before);
    }
    expect((await sale.events('buyer')).length).toBe(2 * TRIES);
    expect(Math.max(...reads.slice(-10))).toBeLessThanOrEqual(Math.max(...reads.slice(2, 12)));
    // What is kept is what is there: one ticket is reserved now, and nobody else may travel with that document.
    await sale.order();
    expect(codeOf(await sale.order({ userId: 'v' }))).toBe('JOURNEY_OVERLAPS');
  });
});

describe('a stream', () => {
  const at = (revision: number, id: string): RecordedEvent => ({
    ...recorded({ type: 'A', version: 1, data: {} }),
    stream: 's-1',
    position: revision + 1,
    revision,
    id,
  });
  const history = (...ids: readonly string[]): readonly RecordedEvent[] => ids.map((id, revision) => at(revision, id));
  /** Its state is the ids of its events. */
  const ids: FoldedStream = {
    stream: 's-1',
    fold: (events, before) => ({
      state: [...((before?.state ?? []) as readonly string[]), ...events.map(({ id }) => id)], // what this fold has made
      revision: events.at(-1)?.revision ?? before?.revision ?? -1,
    }),
  };

  test.each([
    ['nothing new', history('a', 'b')],
    ['something new', history('a', 'b', 'c', 'd')],
    ['another end', history('a', 'x')],
    ['another end, and more', history('a', 'x', 'c')],
    ['a shorter history', history('a')],
    ['nothing', []],
  ])('that has %s when it is read again is folded as it is', async (_, later) => {
    let log = history('a', 'b');
    const streams = new FoldedStreams({
      readStream: async (_stream, { from = 0 } = {}) => log.filter(({ revision }) => revision >= from),
    });
    for (const now of [log, later, history('a', 'b'), later]) {
      log = now;
      expect(await streams.read(ids)).toEqual({ state: log.map(({ id }) => id), revision: log.length - 1 });
    }
  });
});
