// Given a batch that frees and takes seats, then each is freed where no request of the batch can tell the difference.
import { expect, test } from '@jest/globals';
import { FreedInBatch, type Movable } from './freed-in-batch.ts';

const seat = (number: number, from = 0, to = 2) => [{ from, to, seats: [number] }];
const freedAt = (position: number): Movable => ({ place: { position, index: 0 } });

test('seats that a request of the batch takes are free directly before it, the others at the end of the batch', () => {
  const freed = new FreedInBatch();
  const [taken, other, elsewhere] = [freedAt(10), freedAt(10), freedAt(10)];
  freed.begin(1, 10);
  freed.free(taken, seat(4));
  freed.free(other, seat(5));
  freed.free(elsewhere, seat(4, 2, 4));
  freed.begin(1, 11);
  freed.take(seat(7), 0);
  freed.take(seat(4), 1);
  freed.take(seat(4), 2);
  freed.begin(2, 20);
  freed.take(seat(5), 0);
  freed.end();
  expect(taken.place).toEqual({ position: 11, index: 0.5 });
  expect([other.place.position, elsewhere.place.position]).toEqual([11, 11]);
  expect(other.place.index).toBeGreaterThan(2);
});

test('what was freed before a withdrawal stays before it', () => {
  const freed = new FreedInBatch();
  const one = freedAt(10);
  freed.begin(1, 10);
  freed.free(one, seat(4));
  freed.begin(1, 11);
  freed.keep();
  freed.end();
  expect(one.place).toEqual({ position: 10, index: 0 });
});
