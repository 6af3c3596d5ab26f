// Bearer tokens: JWTs signed with the shared secret (HS256), for development and for services that share it.
import type { Clock } from '@railhead/commands/ports/clock.ts';
import { RESERVED_ACTORS } from '@railhead/commands/streams/append.ts';
import { MOST_LEVEL } from '@railhead/domain/waitlist-priorities/priority.ts';
import { Problem } from '@railhead/http/problem.ts';
import type { Caller } from '@railhead/http/route.ts';
import { errors, jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';

const ISSUER = 'railhead';
const AUDIENCE = 'railhead';

/** What Railhead knows to tell apart; anything else is a user. */
export const CALLER_ROLES = ['user', 'operator', 'admin'] as const;
export type CallerRole = (typeof CALLER_ROLES)[number];

/** User ids become part of event metadata and order numbers. */
export const userIdShape = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$/, 'must be 1 to 128 of A-Z a-z 0-9 . _ @ -')
  .refine((id) => !RESERVED_ACTORS.includes(id.toLowerCase()), 'is what the railway itself is called in its events');
/** Of those who wait for seats, whoever has the higher level may go first: docs/waitlist.md. */
export const memberLevelShape = z.int().min(0).max(MOST_LEVEL);
const claimsShape = z.object({
  sub: userIdShape,
  role: z.enum(CALLER_ROLES).default('user'),
  // Who signs tokens may write that somebody has none.
  memberLevel: memberLevelShape.nullish(),
  iat: z.number(),
  exp: z.number(),
});

/** Clocks of who signs and who reads may differ by so much. */
const CLOCKS_DIFFER_SECONDS = 60;
/** No token lives longer; `tokenHours` allows as much. */
const LONGEST_LIFE_SECONDS = 8_760 * 3_600;

/** Was it signed by now, and does it end in a time that somebody may have meant? */
const isPlausible = ({ iat, exp }: { readonly iat: number; readonly exp: number }, nowMs: number): boolean =>
  iat <= nowMs / 1000 + CLOCKS_DIFFER_SECONDS && exp > iat && exp - iat <= LONGEST_LIFE_SECONDS;

const signingKeyOf = (secret: string): Uint8Array => new TextEncoder().encode(secret);

export const signToken = (
  secret: string,
  userId: string,
  role: CallerRole,
  hours: number,
  memberLevel?: number,
): Promise<string> =>
  new SignJWT(memberLevel === undefined ? { role } : { role, memberLevel })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(`${hours}h`)
    .sign(signingKeyOf(secret));

/** Size of the cache of verified tokens: verifying costs more than the rest of a request. */
const MAX_REMEMBERED = 10_000;
const REMEMBER_MS = 60_000;

export const tokenAuthenticator = (
  secret: string,
  clock: Clock,
  maxRemembered = MAX_REMEMBERED,
): ((token: string) => Promise<Caller>) => {
  const key = signingKeyOf(secret);
  const known = new LRUCache<string, { readonly caller: Caller; readonly untilMs: number }>({ max: maxRemembered });
  return async (token) => {
    const remembered = known.get(token);
    const nowMs = clock.now();
    if (remembered !== undefined && remembered.untilMs > nowMs) return remembered.caller;
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms: ['HS256'],
        issuer: ISSUER,
        audience: AUDIENCE,
        currentDate: new Date(nowMs),
      });
      const claims = claimsShape.parse(payload);
      if (!isPlausible(claims, nowMs)) throw new Error('signed in the future, or for too long');
      const { sub, role, memberLevel } = claims;
      const caller = { userId: sub, role, ...(typeof memberLevel === 'number' ? { memberLevel } : {}) };
      const expiresMs = claims.exp * 1000;
      known.set(token, { caller, untilMs: Math.min(expiresMs, nowMs + REMEMBER_MS) });
      return caller;
    } catch (error) {
      const why = error instanceof errors.JWTExpired ? 'the token has expired' : 'the token is not one of ours';
      throw new Problem('TOKEN_INVALID', why, {}, { 'WWW-Authenticate': 'Bearer error="invalid_token"' });
    }
  };
};
