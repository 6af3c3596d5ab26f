import { describe, expect, test } from '@jest/globals';
import { hmacNoticeVerifier, SIGNATURE_HEADER, signatureOf, verifySignature } from './signature.ts';

const SECRET = '0123456789abcdef';
const NOW_MS = 1_795_996_800_000;
const BODY = Buffer.from('{"a":1}');
/** `printf '1795996800.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef` */
const SIGNED = 't=1795996800,v1=34ed22b53e04e620f15561adf419a7fd716fa875d50cb3fd1feb6c8976f05ad6';

const accepts = (header: string | undefined, { body = BODY, secret = SECRET, nowMs = NOW_MS } = {}): boolean =>
  verifySignature(secret, header, body, { nowMs, toleranceSeconds: 300 });

describe('a signature', () => {
  test('is an HMAC-SHA256 of time and body', () => {
    expect(signatureOf(SECRET, NOW_MS + 999, BODY)).toBe(SIGNED);
    expect(accepts(SIGNED)).toBe(true);
  });

  test('is valid for its own body, secret and time only', () => {
    expect(accepts(SIGNED, { body: Buffer.from('{"a":2}') })).toBe(false);
    expect(accepts(SIGNED, { secret: '0123456789abcdeg' })).toBe(false);
    expect(accepts(SIGNED.replace('1795996800', '1795996801'))).toBe(false);
  });

  test.each([
    [0, true],
    [300_000, true],
    [-300_000, true],
    [300_001, false],
    [-300_001, false],
  ])('is good for five minutes either way: %d ms', (afterMs, good) => {
    expect(accepts(SIGNED, { nowMs: NOW_MS + afterMs })).toBe(good);
  });

  test.each([
    undefined,
    '',
    'v1=34ed',
    SIGNED.slice(0, -1),
    `${SIGNED}0`,
    `${SIGNED} `,
    `${SIGNED},v1=00`,
    SIGNED.toUpperCase(),
    SIGNED.replace('t=', 't=-'),
    SIGNED.replace('t=1795996800', 't=1795996800.0'),
    `\n${SIGNED}`,
  ])('is none in another form: %j', (header) => {
    expect(accepts(header)).toBe(false);
  });

  test('of a notice is in its header', () => {
    const verifier = hmacNoticeVerifier(SECRET, 300, () => NOW_MS);
    expect(verifier.verify((name) => (name === SIGNATURE_HEADER ? SIGNED : undefined), BODY)).toBe(true);
    expect(verifier.verify(() => undefined, BODY)).toBe(false);
  });
});
