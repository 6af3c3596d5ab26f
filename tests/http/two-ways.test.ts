// A path as it is declared is found in a table; a whole URL in its place is understood by Express. Both are answered alike.
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DeclaredOperation } from '../support/declared-api.ts';
import { RUN_DATE, ServedRailway } from '../support/served-railway.ts';
import { type Json, passenger } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';

let railway: ServedRailway;
let tokens: Readonly<Record<'alice' | 'olga', string>>;
beforeAll(async () => {
  railway = await ServedRailway.start(
    { rows: 2, letters: 'AC', stops: 4 },
    {
      bodyLimitBytes: 1_024,
      accountWritesPerSecond: 1,
      accountWriteBurst: 3,
      unlimitedUsers: 'alice',
    },
  );
  await railway.allShown();
  tokens = { alice: await railway.token('alice'), olga: await railway.token('olga', { role: 'admin' }) };
});
afterAll(() => railway.stop());

type Request = {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

type Answer = { readonly status: number; readonly headers: Readonly<Record<string, unknown>>; readonly text: string };

const answerTo = async (path: string, { method, headers = {}, body }: Request): Promise<Answer> => {
  const { hostname: host, port } = new URL(railway.url);
  const asked = request({ host, port, path, method, headers, agent: false });
  // A server that refuses a body may close the connection while it is sent; its answer is there all the same.
  asked.on('error', () => {});
  asked.end(body);
  // Safe cast: this is what a `response` event has.
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode ?? 0, headers: response.headers, text };
};

/** Without what is of the moment: both are asked one after the other. */
const comparable = ({ status, headers, text }: Answer, hasOwnId: boolean) => {
  const { date: _, 'content-length': __, etag: ___, 'x-request-id': id, ...others } = headers;
  const isOfMoment = text === '' || /asOf|# HELP|lagSeconds/.test(text);
  return {
    status,
    headers: { ...others, hasTag: headers.etag !== undefined, hasLength: headers['content-length'] !== undefined },
    ...(isOfMoment ? {} : { length: headers['content-length'], tag: headers.etag }),
    id: hasOwnId ? id : String(id).replaceAll(/[0-9a-f]/g, 'x'),
    text: text.startsWith('# HELP') ? '' : text.replace(/"asOf":"[^"]*"|"models":\{.*?\}\},|"readModels":.*$/, ''),
  };
};

let asked = 0;
/** Asks both ways, and gives the answer if it is the same. */
const bothWays = async (one: Request, other: Request = one): Promise<Answer> => {
  const byTable = await answerTo(one.path, one);
  const byExpress = await answerTo(`http://railhead.test${other.path}`, other);
  asked += 1;
  const hasOwnId = one.headers?.['X-Request-Id'] === 'mine';
  expect({ one, ...comparable(byExpress, hasOwnId) }).toEqual({ one, ...comparable(byTable, hasOwnId) });
  return byTable;
};

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const JSON_TYPE = { 'Content-Type': 'application/json' };

const THERE: Readonly<Record<string, string>> = { train: 'G900', date: RUN_DATE };
const NOWHERE: Readonly<Record<string, string>> = { orderNo: 'NOSUCHORDER', token: 'none', withdrawalNo: 'W1' };
const filled = ({ path }: DeclaredOperation): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => THERE[name] ?? NOWHERE[name] ?? name);

/** What can be wrong with a request of any endpoint. */
const mistakes = (operation: DeclaredOperation): readonly Request[] => {
  const { method } = operation;
  const path = filled(operation);
  const good = {
    method,
    path,
    headers: { ...bearer(tokens.olga), ...(operation.hasBody ? JSON_TYPE : {}), 'X-Request-Id': 'mine' },
    ...(operation.hasBody ? { body: '{}' } : {}),
  };
  const withHeaders = (headers: Readonly<Record<string, string>>): Request => ({
    ...good,
    headers: { ...good.headers, ...headers },
  });
  return [
    good,
    { method, path },
    { method, path, headers: { Authorization: 'Bearer none' } },
    { method, path, headers: { Authorization: 'Basic none' } },
    withHeaders(bearer(tokens.alice)),
    { ...good, path: `${path}?no=such&no=parameter` },
    { ...good, path: `${path}?` },
    { ...good, method: 'PATCH' },
    { ...good, method: method === 'GET' ? 'HEAD' : 'OPTIONS' },
    withHeaders({ 'If-None-Match': '*', 'X-Request-Id': 'not a name' }),
    withHeaders({ 'Idempotency-Key': 'not a key' }),
    withHeaders({ 'Railhead-Device': 'not a device' }),
    withHeaders({ 'Railhead-Min-Position': 'none' }),
    withHeaders({ 'If-Match': 'none' }),
    ...(operation.hasBody
      ? [
          { ...good, body: '{' },
          { ...good, body: '' },
          { ...good, body: '[1]' },
          { ...good, body: JSON.stringify({ long: 'x'.repeat(1_020) }) },
          { ...withHeaders({ 'Transfer-Encoding': 'chunked' }), body: JSON.stringify({ long: 'x'.repeat(1_020) }) },
          withHeaders({ 'Content-Type': 'text/plain' }),
          withHeaders({ 'Content-Type': 'application/json; charset=latin1' }),
          withHeaders({ 'Content-Type': 'Application/JSON ;charset="UTF-8"' }),
          withHeaders({ 'Content-Encoding': 'gzip' }),
        ]
      : []),
  ];
};

const answered = async (): Promise<ReadonlyMap<string, number>> => {
  const { text } = await answerTo('/metrics', { method: 'GET', path: '/metrics' });
  return new Map(
    [...text.matchAll(/^railhead_http_request_seconds_count(\{.*\}) (\d+)$/gm)].map(([, of = '', count]) => [
      of,
      Number(count),
    ]),
  );
};

test('every endpoint answers every mistake alike, and counts it alike', async () => {
  const before = await answered();
  asked = 0;
  const statuses = new Set<number>();
  for (const operation of railway.api.operations)
    for (const mistake of mistakes(operation)) statuses.add((await bothWays(mistake)).status);
  expect([...statuses].sort()).toEqual([200, 400, 401, 403, 404, 405, 413, 415]);
  // Asking for the metrics is counted, too; what is counted is there a moment after the answer.
  const counted = async (): Promise<readonly (readonly [string, number])[] | undefined> => {
    railway.clock.leap(10_000);
    const now = [...(await answered())].map(([of, count]) => [of, count - (before.get(of) ?? 0)] as const);
    const others = now.filter(([of]) => !of.includes('"readMetrics"'));
    const inAll = now.reduce((sum, [, count]) => sum + count, 0);
    return inAll >= 2 * asked && others.every(([, count]) => count % 2 === 0) ? others : undefined;
  };
  expect((await waitUntil('all to be counted', counted)).length).toBeGreaterThan(50);
});

test('what is sold, refused and shown is answered alike', async () => {
  const order = (extra: object, key: string): Request => ({
    method: 'POST',
    path: '/v1/orders',
    headers: { ...bearer(tokens.alice), ...JSON_TYPE, Prefer: 'wait=10', 'Idempotency-Key': key },
    body: JSON.stringify({ train: 'G900', date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second', ...extra }),
  });
  const party = [passenger(), passenger(), passenger()];
  // The second is a repeat of the first, which is answered as that was.
  const placed = await bothWays(order({ passengers: party }, 'three'));
  expect([placed.status, placed.headers['preference-applied']]).toEqual([201, 'wait=10']);
  const body: Json = JSON.parse(placed.text);
  expect((await bothWays(order({ passengers: party.slice(1) }, 'three'))).status).toBe(422);
  const soldOut = await bothWays(order({ passengers: [passenger(), passenger()] }, 'two-more'));
  expect([soldOut.status, JSON.parse(soldOut.text)]).toMatchObject([409, { code: 'SOLD_OUT' }]);
  const headers = { ...bearer(tokens.alice), 'Railhead-Min-Position': String(await railway.shown()) };
  const run = `/v1/trains/G900/runs/${RUN_DATE}/availability`;
  const paths = [
    `/v1/orders/${body.orderNo}`,
    `/v1/orders/${body.orderNo}/history`,
    '/v1/orders',
    '/v1/orders?limit=1',
    '/v1/orders?limit=1&limit=2',
    '/v1/stations?q=%E7%AB%990',
    '/v1/stations?q=ST+0',
    '/v1/stations?q=ST0#part',
    `/v1/trains?from=ST0&to=ST1&date=${RUN_DATE}`,
    `${run}?from=ST0&to=ST%31`,
    `${run}?from=ST2&to=ST1`,
    `${run}?from=ST0&to=ST1&from=ST2`,
    '/healthz?probe=1',
    '/v1/nothing',
    '/v1/orders/',
    '/V1/ORDERS',
    `/v1/orders/${body.orderNo.slice(0, -1)}%${body.orderNo.charCodeAt(body.orderNo.length - 1).toString(16)}`,
    '/v1/orders/%zz',
  ];
  const statuses: number[] = [];
  for (const path of paths)
    for (const method of ['GET', 'HEAD']) statuses.push((await bothWays({ method, path, headers })).status);
  const got = [200, 200, 200, 200, 400, 200, 200, 200, 200, 200, 422, 400, 200, 404, 200, 200, 200, 400];
  expect(statuses).toEqual(got.flatMap((status) => [status, status]));
});

test.each(['http://[/v1/stations', 'http://a:b:c/v1/stations', 'nothing', 'ftp://host/v1/stations'])(
  'what is asked for is %s, which is no address: refused as everything else is',
  async (address) => {
    const { status, headers, text } = await answerTo(address, { method: 'GET', path: address });
    expect([status, headers['content-type'], JSON.parse(text)]).toMatchObject([
      400,
      expect.stringContaining('application/problem+json'),
      { code: 'INVALID_REQUEST' },
    ]);
  },
);

test.each<[string, (n: number, who: string) => Promise<Request>]>([
  [
    'account',
    async (n, who) => ({
      method: 'POST',
      path: '/v1/orders/NOSUCHORDER/cancel',
      headers: { ...bearer(await railway.token(who)), 'Idempotency-Key': `${n}` },
    }),
  ],
  [
    'device',
    async (n, who) => ({
      method: 'POST',
      path: '/v1/orders/NOSUCHORDER/cancel',
      headers: { ...bearer(await railway.token(`${who}${n}`)), 'Railhead-Device': who },
    }),
  ],
])('too many changes of one %s are refused alike', async (policy, ofRequest) => {
  railway.clock.leap(60_000);
  // The buckets of two, because each has to be emptied.
  const first = await bothWays(await ofRequest(0, 'one'), await ofRequest(0, 'two'));
  expect(first.headers['ratelimit-policy']).toMatch('"account"');
  for (let n = 1; ; n += 1) {
    const answers = await Promise.all(
      ['', 'http://railhead.test'].map(async (origin, index) => {
        const one = await ofRequest(n, index === 0 ? 'one' : 'two');
        return answerTo(origin + one.path, one);
      }),
    );
    if (!answers.every(({ status }) => status === 429)) continue;
    const [byTable, byExpress] = answers.map((answer) => {
      const { headers, ...others } = comparable(answer, false);
      // How full a bucket is changes while the other one is asked.
      return { ...others, headers: { ...headers, ratelimit: '' } };
    });
    expect(byExpress).toEqual(byTable);
    expect(JSON.parse(answers[0]?.text ?? '{}')).toMatchObject({ code: 'RATE_LIMITED', policy });
    return;
  }
});
