import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseTicketNo, ticketNoOf } from './ticket.ts';

test('a number names its order and its item, whatever letters the order has', () => {
  const orderNos = fc.stringMatching(/^[0-9A-Z]{1,20}$/);
  fc.assert(
    fc.property(orderNos, fc.integer({ min: 1, max: 99 }), (orderNo, itemNo) => {
      expect(parseTicketNo(ticketNoOf(orderNo, itemNo))).toEqual({ orderNo, itemNo });
    }),
  );
});

test.each(['', 'T', 'T1', 'N1', 'N1T', 'N1T0', 'N1T01', 'N1T100', 'N1T1x', 'N1T-1', 'N1T1.0'])('%j is none', (text) => {
  expect(parseTicketNo(text)).toBeUndefined();
});
