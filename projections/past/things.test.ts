import { describe, expect, test } from '@jest/globals';
import { type Kind, thingNamed } from './things.ts';

describe('a name', () => {
  const run = { train: 'G1', date: '2026-12-01' };
  test.each<[Kind, string, object]>([
    ['order', '7QHV2M0KX4RD', { kind: 'order', orderNo: '7QHV2M0KX4RD' }],
    ['order', 'order-7QHV2M0KX4RD', { kind: 'order', orderNo: '7QHV2M0KX4RD' }],
    ['run', 'G1/2026-12-01', { kind: 'run', run }],
    ['run', 'G1_2026-12-01', { kind: 'run', run }],
    ['run', 'trainRun-G1_2026-12-01', { kind: 'run', run }],
    ['class', 'G1/2026-12-01/second', { kind: 'class', asked: { ...run, seatClass: 'second' } }],
    ['class', 'seatLock-G1_2026-12-01_second', { kind: 'class', asked: { ...run, seatClass: 'second' } }],
    ['user', 'anna.lee@example-1', { kind: 'user', userId: 'anna.lee@example-1' }],
  ])('of kind %s may be %s', (kind, name, thing) => {
    expect(thingNamed(kind, name)).toEqual({ ok: true, value: thing });
  });

  test.each<[Kind, string]>([
    ['order', ''],
    ['order', 'payment-7QHV2M0KX4RDP1'],
    ['order', '订单'],
    ['run', 'G1'],
    ['run', 'G1/2026-02-30'],
    ['run', 'G1/2026-12-01/second'],
    ['run', 'G1/26-12-01'],
    ['class', 'G1/2026-12-01'],
    ['class', 'G1/2026-12-01/third'],
    ['class', 'segmentInventory-G1_2026-12-01_0_second'],
    ['user', '.alice'],
    ['user', `a${'b'.repeat(128)}`],
    ['user', 'al\u200bice'],
  ])('of kind %s is not %p', (kind, name) => {
    expect(thingNamed(kind, name)).toMatchObject({ ok: false, refusal: { code: 'NAME_INVALID' } });
  });
});
