import { expect, test } from '@jest/globals';
import { orderNoOf, SHARDS, shardOfOrderNo, shardsOfUser } from '@railhead/commands/orders/order-number.ts';
import fc from 'fast-check';
import { layoutName, placeOf } from './order-layout.ts';

const layout = fc.record({ databases: fc.integer({ min: 1, max: 32 }), tables: fc.integer({ min: 1, max: 32 }) });

test('every shard has one table of the layout, and tables have as many shards as each other, or one more or less', () => {
  fc.assert(
    fc.property(layout, (form) => {
      const shardsOf = new Map<string, number>();
      for (let shard = 0; shard < SHARDS; shard += 1) {
        const { database, table } = placeOf(form, shard);
        expect(database >= 0 && database < form.databases && table >= 0 && table < form.tables).toBe(true);
        const place = `${database} ${table}`;
        shardsOf.set(place, (shardsOf.get(place) ?? 0) + 1);
      }
      expect(shardsOf.size).toBe(form.databases * form.tables);
      expect(Math.max(...shardsOf.values()) - Math.min(...shardsOf.values())).toBeLessThanOrEqual(1);
    }),
  );
});

test("an order is in its user's table", () => {
  fc.assert(
    fc.property(layout, fc.string(), fc.string(), fc.nat(9), (form, user, key, round) => {
      const secret = 'a-secret-of-the-tests';
      const ofOrder = placeOf(form, shardOfOrderNo(orderNoOf(secret, user, key, round)));
      expect(shardsOfUser({ secret }, user).map((shard) => placeOf(form, shard))).toEqual([ofOrder]);
    }),
  );
});

test('names of layouts differ where they do', () => {
  expect(layoutName({ databases: 4, tables: 8 })).toBe('4x8');
  expect(layoutName({ databases: 4, tables: 8, mark: 'b' })).toBe('4x8_b');
});
