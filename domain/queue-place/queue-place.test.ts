import { describe, expect, test } from '@jest/globals';
import { given } from '@railhead/tests/support/given.ts';
import { decide } from './decide.ts';
import type { QueuePlaceEvent } from './events.ts';
import { evolve, unusedPlace } from './fold.ts';
import { queuePlaceCategory } from './stream.ts';

const place = given(evolve, () => unusedPlace);
const use = { orderNo: 'O1', requestMark: 'm1', user: 'u' };
const used: QueuePlaceEvent = { type: 'QueuePlaceUsed', version: 1, data: use };
const returned: QueuePlaceEvent = { type: 'QueuePlaceReturned', version: 1, data: { orderNo: 'O1' } };

describe('a place in the queue', () => {
  test('is used by one order, which may write so again', () => {
    place([])
      .when(decide, { type: 'Use', ...use })
      .emits(used);
    place([used])
      .when(decide, { type: 'Use', ...use })
      .emits(used);
    place([used])
      .when(decide, { type: 'Use', ...use, orderNo: 'O2' })
      .refuses('QUEUE_TOKEN_INVALID');
    place([used])
      .when(decide, { type: 'Use', ...use, requestMark: 'm2' })
      .refuses('ORDER_DIFFERS');
  });

  test('is given back by a request that became no order, and by no other', () => {
    place([used]).when(decide, { type: 'Return', orderNo: 'O1' }).emits(returned);
    place([used]).when(decide, { type: 'Return', orderNo: 'O2' }).changesNothing();
    place([used, returned]).when(decide, { type: 'Return', orderNo: 'O1' }).changesNothing();
    place([used, returned])
      .when(decide, { type: 'Use', ...use, orderNo: 'O2' })
      .emits({ ...used, data: { ...use, orderNo: 'O2' } });
  });

  test('has a stream of its own', () => {
    const id = { train: 'G1', date: '2026-12-01', place: 42 };
    expect(queuePlaceCategory.stream(id)).toBe('queuePlace-G1_2026-12-01_42');
    expect(queuePlaceCategory.idOf('queuePlace-G1_2026-12-01_42')).toEqual(id);
    for (const name of ['G1_2026-12-01', 'G1_2026-12-01_x', '_1', ''])
      expect(() => queuePlaceCategory.idOf(`queuePlace-${name}`)).toThrow();
  });
});
