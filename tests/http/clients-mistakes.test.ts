// A mistake of a client is never a failure here: a problem with a status below 500, counted, and cheap to refuse.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { waitUntil } from '../support/wait-until.ts';

const BODY_LIMIT = 4_096;
let railway: ServedRailway;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 9, letters: 'ACDF', stops: 3 }, { bodyLimitBytes: BODY_LIMIT });
});
afterAll(() => railway.stop());

const dial = async (): Promise<Socket> => {
  const { port } = new URL(railway.url);
  const socket = connect({ port: Number(port), host: '127.0.0.1' });
  await once(socket, 'connect');
  // It may be ended from the other side while more is written.
  socket.on('error', () => {});
  return socket;
};
/** What comes back on a connection until it ends, or a whole answer is there. */
const answerTo = async (
  sent: string,
): Promise<{ readonly status: number; readonly code: string; readonly text: string }> => {
  const socket = await dial();
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  socket.write(sent);
  await waitUntil('the answer', async () => /"code":"\w+"/.test(text));
  socket.destroy();
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), code: /"code":"(\w+)"/.exec(text)?.[1] ?? '', text };
};
const countOf = async (status: number): Promise<number> => {
  const { body } = await railway.ask('/metrics');
  const lines = String(body).matchAll(/railhead_http_request_seconds_count\{([^}]*)\} (\d+)/g);
  return [...lines].reduce(
    (sum, [, labels, count]) => sum + (labels?.includes(`status="${status}"`) ? Number(count) : 0),
    0,
  );
};

describe('What no endpoint ever sees', () => {
  test.each([
    ['no HTTP at all', 'HELLO\r\n\r\n', 400, 'INVALID_REQUEST'],
    [
      'two lengths',
      'POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'INVALID_REQUEST',
    ],
    [
      'headers without end',
      `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
    ['an expectation', 'GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n', 417, 'EXPECTATION_FAILED'],
  ])('%s is answered with a problem, and counted', async (_, sent, status, code) => {
    const before = await countOf(status);
    const answer = await answerTo(sent);
    expect(answer).toMatchObject({ status, code });
    expect(answer.text).toContain('application/problem+json');
    await waitUntil('it to be counted', async () => (await countOf(status)) === before + 1);
  });
});

test('An expectation that is refused names its path and its request', async () => {
  const answer = await answerTo('GET /healthz?a=b HTTP/1.1\r\nHost: x\r\nX-Request-Id: tea-1\r\nExpect: tea\r\n\r\n');
  expect(answer.text).toContain('"instance":"/healthz"');
  expect(answer.text).toMatch(/^x-request-id: tea-1\r$/im);
});

test.each(['*', '"x"', 'W/"x"'])('A read is answered in full, also if If-None-Match is %s', async (value) => {
  const headers = { 'If-None-Match': value, 'If-Modified-Since': new Date(Date.now() + 86_400_000).toUTCString() };
  const token = await railway.token('alice');
  for (const path of ['/v1/orders', `/v1/trains?from=ST0&to=ST1&date=${RUN_DATE}`, '/healthz']) {
    const first = await railway.ask(path, { token });
    const etag = first.headers.get('etag') ?? value;
    expect([path, (await railway.ask(path, { token, headers })).status]).toEqual([path, 200]);
    const again = await railway.ask(path, { token, headers: { 'If-None-Match': etag } });
    expect([path, again.status]).toEqual([path, 200]);
  }
});

describe('A body', () => {
  test('that is compressed, or no JSON, is refused, whoever sends it', async () => {
    const token = await railway.token('alice');
    for (const [headers, body, code] of [
      [{ 'Content-Encoding': 'gzip' }, '{}', 'MEDIA_TYPE_UNSUPPORTED'],
      [{ 'Content-Encoding': 'br' }, '{}', 'MEDIA_TYPE_UNSUPPORTED'],
      [{ 'Content-Type': 'text/plain' }, '{}', 'MEDIA_TYPE_UNSUPPORTED'],
      [{ 'Content-Type': 'application/x-www-form-urlencoded' }, 'a=b', 'MEDIA_TYPE_UNSUPPORTED'],
      [{ 'Content-Type': 'application/json; charset=utf-16' }, '{}', 'MEDIA_TYPE_UNSUPPORTED'],
      [{ 'Content-Type': 'application/json; charset="UTF-8"' }, '{}', 'INVALID_REQUEST'],
      [{ 'Content-Type': 'application/merge-patch+json' }, '{}', 'MEDIA_TYPE_UNSUPPORTED'],
      [{ 'Content-Type': 'text/json' }, '{}', 'MEDIA_TYPE_UNSUPPORTED'],
    ] as const) {
      expect([headers, (await railway.ask('/v1/orders', { token, body, headers })).body.code]).toEqual([headers, code]);
      expect((await railway.ask('/v1/orders', { body, headers })).body.code).toBe('TOKEN_MISSING');
    }
    const notice = await railway.ask('/v1/payments/callback', { body: '{}', headers: { 'Content-Encoding': 'gzip' } });
    expect(notice).toMatchObject({ status: 415, body: { code: 'MEDIA_TYPE_UNSUPPORTED' } });
  });

  test.each([
    ['announced', 'Content-Length: 2000000000'],
    ['in chunks', 'Transfer-Encoding: chunked'],
  ])('without end, %s, is refused before it has been sent; without a token at once', async (_, framing) => {
    const head = (token: string): string =>
      `POST /v1/orders HTTP/1.1\r\nHost: x\r\n${token === '' ? '' : `Authorization: Bearer ${token}\r\n`}Content-Type: application/json\r\n${framing}\r\n\r\n`;
    const part = 'x'.repeat(BODY_LIMIT + 1);
    const body = framing.startsWith('Content') ? '' : `${part.length.toString(16)}\r\n${part}\r\n`;
    expect(await answerTo(head(''))).toMatchObject({ status: 401, code: 'TOKEN_MISSING' });
    expect(await answerTo(head(await railway.token('alice')) + body)).toMatchObject({
      status: 413,
      code: 'BODY_TOO_LARGE',
    });
  });

  test('that goes on after it was refused ends its connection', async () => {
    const socket = await dial();
    const token = await railway.token('alice');
    const head = `POST /v1/orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 2000000000\r\n\r\n`;
    socket.write(head);
    const part = Buffer.alloc(65_536, 'x');
    let sent = 0;
    const more = (): void => {
      while (!socket.destroyed && socket.write(part)) sent += part.length;
    };
    socket.on('drain', more);
    socket.resume();
    more();
    await waitUntil('the connection to end', async () => socket.closed);
    expect(sent).toBeLessThan(50_000_000);
  });
});

test('Conditions and ranges that the files of the reference cannot meet are no failures', async () => {
  for (const [headers, status] of [
    [{ Range: 'bytes=999999999-' }, 416],
    [{ 'If-Match': '"x"' }, 412],
    [{ Range: 'bytes=0-9' }, 206],
  ] as const) {
    const answer = await fetch(`${railway.url}/docs/assets/swagger-ui.css`, { headers });
    await answer.text();
    expect([headers, answer.status]).toEqual([headers, status]);
  }
  expect((await railway.ask('/docs/assets/none.css')).status).toBe(404);
  expect((await railway.ask('/docs/assets/%ff')).status).toBe(404);
});

test('What looks like a value and is none is not taken for one', async () => {
  for (const position of ['0x1', '1e3', ' ', '+1', '-1', '1.0', '9007199254740993', '１'])
    expect([
      position,
      (await railway.ask('/v1/stations?q=st', { headers: { 'Railhead-Min-Position': encodeURI(position) } })).body.code,
    ]).toEqual([position, 'POSITION_INVALID']);
  for (const q of ['%', '_', '%%_'])
    expect([q, (await railway.ask(`/v1/stations?q=${encodeURIComponent(q)}`)).body.stations]).toEqual([q, []]);
  expect((await railway.ask(`/v1/stations?q=${encodeURIComponent('站1')}`)).body.stations).toHaveLength(1);
});

test('A server at an address of IPv6 is found at the address it tells, and is paid', async () => {
  const has = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1') === true);
  // A machine without it can neither be served nor attacked there.
  if (!has) return;
  const six = await ServedRailway.start({ rows: 1, letters: 'AC', stops: 3 }, { host: '::1' });
  try {
    expect(six.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    const { orderNo } = (await six.order()).body;
    const { payUrl } = (await six.pay(orderNo)).body;
    expect((await fetch(payUrl, { method: 'POST', body: '{"outcome":"paid"}' })).status).toBe(200);
    await waitUntil('the ticket', async () => (await six.statusOf(orderNo)) === 'SUCCESS');
  } finally {
    await six.stop();
  }
});

test('A method that is not there is told which are', async () => {
  for (const [path, method, allowed] of [
    ['/v1/orders', 'DELETE', ['GET', 'HEAD', 'POST']],
    ['/v1/orders/X/cancel', 'PUT', ['POST']],
    ['/healthz', 'POST', ['GET', 'HEAD']],
  ] as const) {
    const { headers, status } = await railway.ask(path, { method });
    expect([path, status, headers.get('allow')?.split(', ').sort()]).toEqual([path, 405, allowed]);
  }
  const before = [await countOf(404), await countOf(405)];
  await railway.ask('/v1/nothing');
  await railway.ask('/v1/orders', { method: 'DELETE' });
  await waitUntil('both to be counted', async () => {
    const [notFound, notAllowed] = [await countOf(404), await countOf(405)];
    return notFound === (before[0] ?? 0) + 1 && notAllowed === (before[1] ?? 0) + 1;
  });
});

test.each([
  'stations?q=%00',
  'trains?from=%00&to=ST1&date=D',
  'trains?from=ST0&to=city:%00&date=D',
  'orders?status=%00',
])('a question with what is no text (%s) is refused, whatever database would be asked', async (question) => {
  const token = await railway.token('alice');
  const answer = await railway.ask(`/v1/${question.replace('=D', `=${RUN_DATE}`)}`, { token });
  expect([answer.status, answer.body.code]).toEqual([400, 'INVALID_REQUEST']);
});
