// A request for one seat from A to B, for tests that do not care which.
import type { OrderRequest } from '@railhead/domain/order/events.ts';

export const oneSeat: OrderRequest = {
  userId: 'u',
  train: 'G1',
  date: '2026-12-01',
  from: 0,
  to: 1,
  fromStation: { code: 'A', name: 'A' },
  toStation: { code: 'B', name: 'B' },
  seatClass: 'second',
  passengers: [{ name: 'n', idType: 'passport', idNo: 'E1', kind: 'adult' }],
  faresFen: [100],
  currency: 'CNY',
  acceptStanding: false,
  acceptSeatChange: false,
};
