import { beforeAll, describe, expect, test } from '@jest/globals';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { SignJWT } from 'jose';
import { CALLER_ROLES, signToken, tokenAuthenticator } from './tokens.ts';

const SECRET = 'a secret of this test';
const NOW_MS = Date.parse('2026-11-25T12:00:00Z');
const NOW = NOW_MS / 1000;

type Changes = {
  readonly secret?: string;
  readonly alg?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
};
/** A token like those that are signed, but for the changes; a claim that is `undefined` is left out. */
const token = ({ secret = SECRET, alg = 'HS256', claims = {} }: Changes = {}): Promise<string> => {
  const usual = { sub: 'alice', role: 'user', iss: 'railhead', aud: 'railhead', iat: NOW, exp: NOW + 3_600 };
  const all = Object.fromEntries(Object.entries({ ...usual, ...claims }).filter(([, value]) => value !== undefined));
  return new SignJWT(all).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
};

const fresh = () => {
  const clock = new ManualClock(NOW_MS);
  const authenticate = tokenAuthenticator(SECRET, clock);
  const answerTo = async (one: string): Promise<unknown> => {
    try {
      return await authenticate(one);
    } catch (error) {
      return error;
    }
  };
  return { clock, answerTo };
};

describe('a bearer token', () => {
  test.each<[string, Changes, object]>([
    ['as they are signed', {}, { userId: 'alice', role: 'user' }],
    ['of an operator', { claims: { role: 'operator' } }, { userId: 'alice', role: 'operator' }],
    ['that names no role', { claims: { role: undefined } }, { userId: 'alice', role: 'user' }],
    ['of somebody who is no member', { claims: { memberLevel: null } }, { userId: 'alice', role: 'user' }],
    ['of a member', { claims: { memberLevel: 9 } }, { userId: 'alice', role: 'user', memberLevel: 9 }],
    ['for several audiences', { claims: { aud: ['others', 'railhead'] } }, { userId: 'alice', role: 'user' }],
  ])('%s is a caller’s', async (_, changes, caller) => {
    expect(await fresh().answerTo(await token(changes))).toEqual(caller);
  });

  test.each<[string, Changes]>([
    ['under another secret', { secret: 'another secret' }],
    ['under another algorithm', { alg: 'HS512' }],
    ['of another issuer', { claims: { iss: 'somebody' } }],
    ['of no issuer', { claims: { iss: undefined } }],
    ['for another audience', { claims: { aud: 'somebody' } }],
    ['for no audience', { claims: { aud: undefined } }],
    ['of nobody', { claims: { sub: undefined } }],
    ['of a user whose id is none', { claims: { sub: 'a b' } }],
    ['of the railway itself', { claims: { sub: 'railhead' } }],
    ['of the gateway', { claims: { sub: 'Gateway' } }],
    ['of a role that is none', { claims: { role: 'root' } }],
    ['of a level that is none', { claims: { memberLevel: 10 } }],
    ['of half a level', { claims: { memberLevel: 0.5 } }],
    ['of a level in words', { claims: { memberLevel: '9' } }],
    ['that has ended', { claims: { exp: NOW } }],
    ['that has not begun', { claims: { nbf: NOW + 1 } }],
  ])('%s is refused', async (_, changes) => {
    const { answerTo } = fresh();
    const one = await token(changes);
    // Neither the first time nor from memory.
    for (let times = 0; times < 2; times += 1)
      expect(await answerTo(one)).toMatchObject({
        code: 'TOKEN_INVALID',
        message: 'exp' in (changes.claims ?? {}) ? 'the token has expired' : 'the token is not one of ours',
        headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
      });
  });

  test('as the command signs it is good for every role', async () => {
    const authenticate = tokenAuthenticator(SECRET, new ManualClock(Date.now()));
    for (const role of CALLER_ROLES)
      expect(await authenticate(await signToken(SECRET, 'bob', role, 1))).toEqual({ userId: 'bob', role });
  });

  test('says the level that it was signed with', async () => {
    const authenticate = tokenAuthenticator(SECRET, new ManualClock(Date.now()));
    expect(await authenticate(await signToken(SECRET, 'bob', 'user', 1, 4))).toMatchObject({ memberLevel: 4 });
  });

  test('is good for as many hours as it was signed for', async () => {
    const signed = await signToken(SECRET, 'bob', 'user', 2);
    const at = (ms: number) => tokenAuthenticator(SECRET, new ManualClock(Date.now() + ms))(signed);
    expect(await at(2 * 3_600_000 - 60_000)).toMatchObject({ userId: 'bob' });
    await expect(at(2 * 3_600_000 + 60_000)).rejects.toMatchObject({ code: 'TOKEN_INVALID' });
  });
});

describe('remembered tokens', () => {
  /** A token that was good is known by its caller: verified anew it is another object. */
  const remembers = async (answerTo: (one: string) => Promise<unknown>, one: string, before: unknown) =>
    (await answerTo(one)) === before;

  test('are remembered for a minute, and not longer than they are good', async () => {
    const { clock, answerTo } = fresh();
    const [long, short] = [await token(), await token({ claims: { exp: NOW + 30 } })];
    const [first, second] = [await answerTo(long), await answerTo(short)];
    await clock.advance(29_999);
    expect([await remembers(answerTo, long, first), await remembers(answerTo, short, second)]).toEqual([true, true]);
    await clock.advance(1);
    expect(await answerTo(short)).toMatchObject({ code: 'TOKEN_INVALID' });
    await clock.advance(29_999);
    expect(await remembers(answerTo, long, first)).toBe(true);
    await clock.advance(1);
    expect(await remembers(answerTo, long, first)).toBe(false);
  });

  let ten: readonly string[] = [];
  beforeAll(async () => {
    ten = await Promise.all(Array.from({ length: 10_001 }, (_, n) => token({ claims: { sub: `u${n}` } })));
  });
  test('are ten thousand, and of more the one that was used longest ago is forgotten', async () => {
    const { answerTo } = fresh();
    const [oldest = '', second = '', ...others] = ten;
    const [first, next] = [await answerTo(oldest), await answerTo(second)];
    for (const one of others.slice(0, -1)) await answerTo(one);
    expect([await remembers(answerTo, second, next), await remembers(answerTo, oldest, first)]).toEqual([true, true]);
    const [third = ''] = others;
    const known = await answerTo(third);
    for (const one of [second, oldest, ...others.slice(1)]) await answerTo(one);
    expect([await remembers(answerTo, oldest, first), await remembers(answerTo, third, known)]).toEqual([true, false]);
  });
});
