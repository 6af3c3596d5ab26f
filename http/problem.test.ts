import { describe, expect, test } from '@jest/globals';
import { isProblemCode, Problem, problemStatus, problemTitle } from './problem.ts';

describe('problem', () => {
  test('has the members of RFC 9457, a code for programs, and members of its own', () => {
    const problem = new Problem('SOLD_OUT', 'no seats left on G1', { alternatives: [] });
    expect(problem.body('/v1/orders')).toEqual({
      type: 'urn:railhead:problem:SOLD_OUT',
      title: problemTitle('SOLD_OUT'),
      status: 409,
      code: 'SOLD_OUT',
      detail: 'no seats left on G1',
      instance: '/v1/orders',
      alternatives: [],
    });
    expect(problem).toMatchObject({ name: 'Problem', message: 'no seats left on G1', status: 409 });
  });

  test('its own members never replace the standard ones', () => {
    const body = new Problem('ORDER_STATE', 'order N1 is PAID', { status: 'PAID', type: 'x', title: 'x' }).body('/');
    expect(body).toMatchObject({
      status: 409,
      type: 'urn:railhead:problem:ORDER_STATE',
      title: problemTitle('ORDER_STATE'),
    });
  });

  test('a refusal for load says when to try again', () => {
    for (const code of ['QUEUE_FULL', 'OVERLOADED', 'UNAVAILABLE', 'MODEL_BEHIND', 'STORAGE_FULL'] as const) {
      expect(problemStatus(code)).toBe(503);
      expect(new Problem(code, '').headers).toEqual({ 'Retry-After': '1' });
    }
    expect(new Problem('QUEUE_FULL', '', {}, { 'Retry-After': '30', 'X-Other': 'y' }).headers).toEqual({
      'Retry-After': '30',
      'X-Other': 'y',
    });
    expect(new Problem('SOLD_OUT', '').headers).toEqual({});
  });

  test('only codes in the list are codes', () => {
    expect(isProblemCode('SOLD_OUT')).toBe(true);
    for (const text of ['sold_out', '', 'LOCK_DECIDED']) expect(isProblemCode(text)).toBe(false);
  });

  test('a property that every object has is no code', () => {
    for (const text of ['toString', 'constructor', '__proto__']) expect(isProblemCode(text)).toBe(false);
  });
});
