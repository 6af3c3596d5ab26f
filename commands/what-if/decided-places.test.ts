// Where requests were decided, from where their events and those of their locks stand.
import { expect, test } from '@jest/globals';
import { DecidedPlaces } from './decided-places.ts';

/** A batch: a segment at 10, in the book at 11 seats given back and at 12 locks of P and Q, then its orders. */
const batch = (): DecidedPlaces => {
  const places = new DecidedPlaces();
  for (const position of [10, 11, 12]) places.onStock(position);
  places.onAcquired(12, ['P', 'Q']);
  return places;
};

test('a refusal before all who got seats was decided before everything in the batch', () => {
  expect(batch().onOrder(13, 'refused')).toEqual({ position: 10, index: -1 });
});

test('a refusal after others was decided after the last of them that got seats', () => {
  const places = batch();
  expect(places.onOrder(13, 'P')).toEqual({ position: 12, index: 0 });
  expect(places.onOrder(14, 'refused')).toEqual({ position: 12, index: 0 });
  expect(places.onOrder(15, 'Q')).toEqual({ position: 12, index: 1 });
  expect(places.onOrder(16, 'refused')).toEqual({ position: 12, index: 1 });
});

test('a batch of refusals alone was decided where it stands', () => {
  const places = batch();
  places.onOrder(13, 'P');
  expect(places.onOrder(20, 'refused')).toEqual({ position: 20, index: -1 });
  expect(places.onOrder(21, 'refused')).toEqual({ position: 20, index: -1 });
});

test('the next batch begins with its first event of a segment or of the book', () => {
  const places = batch();
  places.onOrder(13, 'P');
  places.onStock(14);
  expect(places.onOrder(15, 'refused')).toEqual({ position: 14, index: -1 });
});
