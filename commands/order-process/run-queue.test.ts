import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RunQueues } from './run-queue.ts';

describe('run queues', () => {
  test('orders keep the order of arrival, and move up as others are decided', () => {
    const queues = new RunQueues();
    for (const orderNo of ['A', 'B', 'C']) queues.enter('G1', orderNo);
    expect(['A', 'B', 'C'].map((orderNo) => queues.positionOf(orderNo))).toEqual([1, 2, 3]);
    queues.leave('A');
    expect(['A', 'B', 'C'].map((orderNo) => queues.positionOf(orderNo))).toEqual([0, 1, 2]);
    expect(queues.depthOf('G1')).toBe(2);
  });

  test('each run has its own queue', () => {
    const queues = new RunQueues();
    queues.enter('G1', 'A');
    queues.enter('G2', 'B');
    queues.enter('G2', 'C');
    queues.leave('A');
    expect([queues.positionOf('B'), queues.positionOf('C')]).toEqual([1, 2]);
    expect([queues.depthOf('G1'), queues.depthOf('G2'), queues.depthOf('G3')]).toEqual([0, 2, 0]);
  });

  test('entering twice counts once, and so does leaving twice', () => {
    const queues = new RunQueues();
    queues.enter('G1', 'A');
    queues.enter('G1', 'A');
    queues.enter('G1', 'B');
    expect(queues.depthOf('G1')).toBe(2);
    queues.leave('A');
    queues.leave('A');
    queues.leave('never entered');
    expect([queues.depthOf('G1'), queues.positionOf('B')]).toEqual([1, 1]);
  });

  test('a queue that ran empty starts again from the front', () => {
    const queues = new RunQueues();
    queues.enter('G1', 'A');
    queues.leave('A');
    queues.enter('G1', 'B');
    expect([queues.positionOf('B'), queues.depthOf('G1')]).toEqual([1, 1]);
  });

  test('an order that waits never has position 0, even when one behind it gave up', () => {
    const queues = new RunQueues();
    for (const orderNo of ['A', 'B', 'C']) queues.enter('G1', orderNo);
    queues.leave('C');
    queues.leave('B');
    expect(queues.positionOf('A')).toBe(1);
    expect(queues.depthOf('G1')).toBe(1);
  });

  test('decided in the order of arrival, agrees with a plain list', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (moves) => {
        const queues = new RunQueues();
        const list: string[] = [];
        for (const [index, enters] of moves.entries()) {
          if (enters) {
            list.push(`N${index}`);
            queues.enter('G1', `N${index}`);
          } else queues.leave(list.shift() ?? '');
          expect(list.map((orderNo) => queues.positionOf(orderNo))).toEqual(list.map((_, place) => place + 1));
          expect(queues.depthOf('G1')).toBe(list.length);
        }
      }),
    );
  });
});
