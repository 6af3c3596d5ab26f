// Mistakes of people and machines get a clear refusal with a stable code, and nothing is half done.
import { createHmac } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LogReader } from '@railhead/infra/eventstore/sqlite/log-reader.ts';
import { RailheadProcess, railhead, railheadUntil } from '../support/railhead-process.ts';
import { type Answer, ask, passenger, runDate, tokenFor } from '../support/shopper.ts';
import { tempFolder } from '../support/temp-folder.ts';

const root = tempFolder();
const folder = join(root, 'data');
const date = runDate(3);
let server: RailheadProcess;
let token: string;

beforeAll(async () => {
  server = await RailheadProcess.start(folder);
  token = await tokenFor(folder, 'alice');
});
afterAll(() => server.kill());

const order = (extra: object = {}, ask_: object = {}): Promise<Answer> =>
  ask(`${server.url}/v1/orders`, {
    token,
    body: { train: 'G1', date, from: 'VNP', to: 'AOH', seatClass: 'second', passengers: [passenger()], ...extra },
    ...ask_,
  });

const lastPosition = (): number => {
  const log = new LogReader(folder);
  try {
    return log.lastPosition();
  } finally {
    log.close();
  }
};

describe('orders', () => {
  const one = passenger();
  test.each([
    ['a train that is not', { train: 'X999' }, 404, 'TRAIN_NOT_FOUND'],
    ['a date before the sale', { date: runDate(-1) }, 422, 'DATE_OUTSIDE_SALE'],
    ['a date after the sale', { date: runDate(15) }, 422, 'DATE_OUTSIDE_SALE'],
    ['no date at all', { date: '2026-02-30' }, 400, 'INVALID_REQUEST'],
    ['a station off the route', { to: 'TJP' }, 422, 'STATION_NOT_ON_ROUTE'],
    ['the wrong direction', { from: 'AOH', to: 'VNP' }, 422, 'JOURNEY_BACKWARDS'],
    ['the same station twice', { to: 'VNP' }, 422, 'JOURNEY_BACKWARDS'],
    ['no passenger', { passengers: [] }, 422, 'PASSENGER_COUNT'],
    ['six passengers', { passengers: Array.from({ length: 6 }, () => passenger()) }, 422, 'PASSENGER_COUNT'],
    ['one passenger twice', { passengers: [one, one] }, 422, 'PASSENGER_TWICE'],
    ['a class the train lacks', { seatClass: 'hardSleeper' }, 422, 'CLASS_NOT_ON_TRAIN'],
    ['a class that is none', { seatClass: 'third' }, 400, 'INVALID_REQUEST'],
    ['a passenger without a name', { passengers: [passenger({ name: ' ' })] }, 400, 'INVALID_REQUEST'],
  ])('%s is refused', async (_, extra, status, code) => {
    const before = lastPosition();
    const answer = await order(extra);
    expect(answer).toMatchObject({ status, body: { status, code, type: `urn:railhead:problem:${code}` } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.body.detail).not.toBe('');
    expect(lastPosition()).toBe(before);
  });

  test.each([
    ['no token', {}, 'TOKEN_MISSING'],
    ['a broken token', { token: 'abc.def.ghi' }, 'TOKEN_INVALID'],
  ])('%s is refused', async (_, given, code) => {
    expect(await order({}, { token: undefined, ...given })).toMatchObject({ status: 401, body: { code } });
  });

  test('a token signed by somebody else, or with no algorithm, is refused', async () => {
    const forged = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`;
    expect(await order({}, { token: forged })).toMatchObject({ status: 401, body: { code: 'TOKEN_INVALID' } });
    const [head, claims] = token.split('.');
    const signature = createHmac('sha256', 'another secret').update(`${head}.${claims}`).digest('base64url');
    const other = `${head}.${claims}.${signature}`;
    expect(await order({}, { token: other })).toMatchObject({ status: 401, body: { code: 'TOKEN_INVALID' } });
  });

  test('bodies that are no JSON, or far too large', async () => {
    expect(await order({}, { body: '{"train":' })).toMatchObject({ status: 400, body: { code: 'BODY_NOT_JSON' } });
    const large = JSON.stringify({ padding: 'x'.repeat(200_000) });
    expect(await order({}, { body: large })).toMatchObject({ status: 413, body: { code: 'BODY_TOO_LARGE' } });
  });
});

describe('reads', () => {
  test.each([
    ['/v1/trains?from=XXX&to=AOH&date=2026-12-01', 422, 'STATION_UNKNOWN'],
    ['/v1/trains?from=city:Atlantis&to=AOH&date=2026-12-01', 422, 'STATION_UNKNOWN'],
    ['/v1/trains?from=VNP&to=AOH&date=tomorrow', 400, 'INVALID_REQUEST'],
    ['/v1/trains?to=AOH', 400, 'INVALID_REQUEST'],
    ['/v1/trains/X1?date=2026-12-01', 404, 'TRAIN_NOT_FOUND'],
    [`/v1/trains/G1/runs/${date}/availability?from=AOH&to=VNP`, 422, 'JOURNEY_BACKWARDS'],
    ['/v1/orders/NOSUCHORDER', 404, 'ORDER_NOT_FOUND'],
    ['/v1/orders?limit=0', 400, 'INVALID_REQUEST'],
    ['/v1/nothing', 404, 'NOT_FOUND'],
    ['/v1/orders/%E0%A4%A', 400, 'INVALID_REQUEST'],
  ])('%s', async (path, status, code) => {
    expect(await ask(server.url + path, { token })).toMatchObject({ status, body: { code } });
  });

  test('a method that is not allowed, a position that is none', async () => {
    expect(await ask(`${server.url}/v1/trains`, { method: 'DELETE' })).toMatchObject({ status: 405 });
    const headers = { 'Railhead-Min-Position': 'soon' };
    expect(await ask(`${server.url}/v1/orders`, { token, headers })).toMatchObject({
      body: { code: 'POSITION_INVALID' },
    });
  });
});

describe('payment notices', () => {
  const notice = async (fields: object, sign: (body: string, seconds: number) => string): Promise<Answer> => {
    const body = JSON.stringify({ outcome: 'paid', version: 1, gatewayRef: 'x', ...fields });
    const seconds = Math.floor(Date.now() / 1000);
    return ask(`${server.url}/v1/payments/callback`, { body, headers: { 'Gateway-Signature': sign(body, seconds) } });
  };
  const secret = (): string => JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')).gatewaySecret;
  const signed = (body: string, seconds: number): string =>
    `t=${seconds},v1=${createHmac('sha256', secret()).update(`${seconds}.${body}`).digest('hex')}`;

  test('a wrong, missing or old signature', async () => {
    const wrong = [
      () => '',
      () => `t=1,v1=${'0'.repeat(64)}`,
      (body: string, seconds: number) => signed(body, seconds - 3_600),
    ];
    for (const sign of wrong)
      expect(await notice({ paymentNo: 'P1', amountFen: 1 }, sign)).toMatchObject({
        status: 401,
        body: { code: 'SIGNATURE_INVALID' },
      });
  });

  test('an unknown payment, a wrong amount; the right one still counts, once', async () => {
    expect(await notice({ paymentNo: 'P1', amountFen: 1 }, signed)).toMatchObject({
      status: 404,
      body: { code: 'PAYMENT_UNKNOWN' },
    });
    const placed = await order({}, { headers: { Prefer: 'wait=10' } });
    const { orderNo, amountFen } = placed.body;
    const payment = await ask(`${server.url}/v1/orders/${orderNo}/payments`, { token, body: { channel: 'sandbox' } });
    const { paymentNo } = payment.body;
    const short = await notice({ paymentNo, amountFen: amountFen - 1 }, signed);
    expect(short).toMatchObject({ status: 422, body: { code: 'AMOUNT_MISMATCH' } });
    expect(await notice({ paymentNo, amountFen, version: 2 }, signed)).toMatchObject({
      status: 200,
      body: { changed: true },
    });
    for (const version of [2, 1])
      expect(await notice({ paymentNo, amountFen, version, outcome: 'declined' }, signed)).toMatchObject({
        status: 200,
        body: { changed: false },
      });
  });
});

describe('the command line', () => {
  test('a data folder that is in use, and one of a newer version', async () => {
    const second = await railhead('up', '--data', folder, '--port', '0');
    expect(second.code).toBe(4);
    expect(second.stderr).toContain('[STORE_IN_USE]');
    // Whoever wants the folder knows whom to stop.
    const holder = `process ${server.pid}, which serves ${server.url}`;
    expect(second.stderr).toContain(holder);
    const { checks } = JSON.parse((await railhead('doctor', '--data', folder, '--port', '0', '--json')).stdout);
    expect(checks.find(({ name }: { name: string }) => name === 'owner').detail).toContain(holder);
    const newer = join(root, 'newer');
    expect((await railhead('import', 'sample', '--data', newer)).code).toBe(0);
    const db = new DatabaseSync(join(newer, 'events.db'));
    db.exec('PRAGMA user_version = 99');
    db.close();
    for (const command of ['up', 'verify']) {
      const refused = await railhead(command, '--data', newer);
      expect(refused.code).toBe(5);
      expect(refused.stderr).toContain('[STORE_TOO_NEW]');
    }
  });

  test('a full log: what fits stays, what does not is refused with a code', async () => {
    const full = join(root, 'full');
    const result = await railhead(
      'up',
      '--data',
      full,
      '--port',
      '0',
      '--timetable',
      manyTrains(join(root, 'many.jsonl'), 3_000),
      '--max-log-bytes',
      '400000',
    );
    expect(result.code).toBe(5);
    expect(result.stderr).toContain('[STORE_FULL]');
    expect(JSON.parse((await railhead('verify', '--data', full, '--json')).stdout).ok).toBe(true);
  });

  test.each([
    [['up', '--port', 'eighty'], 3, 'CONFIG_INVALID'],
    [['up', '--read-sql-replica', 'postgres://127.0.0.1/railhead'], 3, 'CONFIG_INVALID'],
    [['up', '--config', '/nowhere.json'], 3, 'CONFIG_FILE_UNREADABLE'],
    [['import', 'trains', '/nowhere.jsonl'], 6, 'TIMETABLE_NOT_FOUND'],
    [['import', 'gtfs', '/nowhere'], 6, 'TIMETABLE_NOT_FOUND'],
    [['verify', '--data', '/nowhere'], 5, 'STORE_UNAVAILABLE'],
    [['token', '--user', 'no spaces'], 2, 'USAGE'],
    [['bench', 'nothing'], 2, 'USAGE'],
    [['events', '--from', 'x'], 2, 'USAGE'],
  ])('railhead %j', async (args, code, error) => {
    const own = args.includes('--data') ? [] : args[0] === 'bench' ? [] : ['--data', join(root, 'cli')];
    const refused = await railhead(...args, ...own);
    expect(refused.stderr).toContain(`[${error}]`);
    expect(refused.code).toBe(code);
  });

  test('a stream that is not there is an error, and one that ends before --from is not', async () => {
    const missing = await railhead('events', 'nosuch', '--data', folder);
    expect([missing.code, missing.stdout]).toEqual([6, '']);
    expect(missing.stderr).toContain('there is no stream nosuch in this log [STREAM_NOT_FOUND]');
    const run = `trainRun-G1_${date}`;
    expect((await railhead('events', run, '--data', folder)).stdout).toContain('TrainRunOpened');
    expect(await railhead('events', run, '--from', '1000', '--data', folder)).toMatchObject({ code: 0, stdout: '' });
  });

  test('no command, an unknown command, an unknown option', async () => {
    expect((await railhead('fly')).code).toBe(2);
    expect((await railhead('up', '--wings')).code).toBe(2);
    const help = await railhead('--help');
    expect(help.code).toBe(0);
    for (const command of ['up', 'import', 'doctor', 'token', 'events', 'bench', 'verify'])
      expect(help.stdout).toContain(command);
  });

  test('a truncated GTFS zip leaves nothing behind', async () => {
    const path = join(root, 'broken.zip');
    writeFileSync(path, Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(200)]));
    const own = join(root, 'broken');
    const refused = await railhead('import', 'gtfs', path, '--data', own, '--json');
    expect(refused.code).toBe(6);
    expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: 'ARCHIVE_CORRUPT' } });
    expect(JSON.parse((await railhead('verify', '--data', own, '--json')).stdout).events).toBe(0);
  });

  test('a GTFS feed with a stop time of an unknown trip is imported without it, and says so', async () => {
    const feed = join(root, 'feed');
    writeFeed(feed);
    const own = join(root, 'gtfs');
    const done = await railhead('import', 'gtfs', feed, '--data', own, '--json');
    expect(done.code).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ trains: 1, stops: 2, skippedByCode: { UNKNOWN_TRIP: 1 } });
  });

  test('token prints a token and nothing else; doctor masks secrets and says where values come from', async () => {
    const printed = await railhead('token', '--user', 'carol', '--data', folder);
    expect(printed.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect((await ask(`${server.url}/v1/orders`, { token: printed.stdout.trim() })).status).toBe(200);
    const report = await railhead('doctor', '--data', folder, '--port', '0', '--json');
    const { settings, checks } = JSON.parse(report.stdout);
    const setting = (name: string) => settings.find((row: { name: string }) => row.name === name);
    expect(setting('data')).toMatchObject({ value: folder, origin: 'flag' });
    expect(setting('saleDays')).toMatchObject({ value: '15', origin: 'default' });
    expect(setting('authSecret').value).not.toContain('ey');
    expect(checks.map((check: { name: string }) => check.name)).toContain('owner');
  });

  test('doctor says whether the Redis for free seats answers, without its password', async () => {
    const asked = async (...args: readonly string[]) => {
      const { stdout } = await railhead('doctor', '--data', folder, '--port', '0', '--json', ...args);
      const { checks } = JSON.parse(stdout);
      return { stdout, check: checks.find(({ name }: { readonly name: string }) => name === 'read cache') };
    };
    expect((await asked()).check).toMatchObject({ state: 'ok', detail: 'none, free seats are in memory' });
    const away = await asked('--read-cache', 'redis://:pass-of-redis@127.0.0.1:1/beijing');
    expect(away.check).toMatchObject({ state: 'wrong', detail: expect.stringContaining('ECONNREFUSED') });
    expect(away.stdout).not.toContain('pass-of-redis');
    expect((await railhead('doctor', '--read-cache', 'http://127.0.0.1')).code).toBe(3);
  });

  test('the data folder is its owner’s alone, and doctor says where it is not', async () => {
    const privacy = async (): Promise<string> => {
      const { checks } = JSON.parse((await railhead('doctor', '--data', folder, '--port', '0', '--json')).stdout);
      return checks.find(({ name }: { readonly name: string }) => name === 'privacy').state;
    };
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder))
      expect([name, statSync(join(folder, name)).mode & 0o077]).toEqual([name, 0]);
    expect(await privacy()).toBe('ok');
    chmodSync(join(folder, 'events.db'), 0o644);
    expect(await privacy()).toBe('wrong');
    chmodSync(join(folder, 'events.db'), 0o600);
  });

  test('a server that does not write to a terminal prints no token', async () => {
    const own = join(root, 'quiet');
    const printed = await railheadUntil('# 4 the ticket', 'up', '--data', own, '--port', '0', '--log-level', 'error');
    // The files of a first start, before another command has looked at them.
    for (const name of readdirSync(own)) expect([name, statSync(join(own, name)).mode & 0o077]).toEqual([name, 0]);
    expect(printed).toContain('railhead token --user alice');
    expect(printed).not.toMatch(/eyJ[\w-]+\.[\w-]+\./);
  });

  test('events prints a stream and the log', async () => {
    const stream = await railhead('events', `trainRun-G1_${date}`, '--data', folder, '--json');
    expect(JSON.parse(stream.stdout)).toMatchObject({ type: 'TrainRunOpened', revision: 0 });
    const page = await railhead('events', '--data', folder, '--from', '5', '--limit', '2', '--json');
    expect(
      page.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).position),
    ).toEqual([5, 6]);
  });
});

const manyTrains = (path: string, count: number): string => {
  const line = (n: number): string =>
    JSON.stringify({
      train: `Z${n}`,
      type: 'x',
      stops: [
        ['AAA', '甲', null, 600, 0],
        ['BBB', '乙', 700, null, 100],
      ],
    });
  writeFileSync(path, Array.from({ length: count }, (_, n) => line(n)).join('\n'));
  return path;
};

const writeFeed = (feed: string): void => {
  mkdirSync(feed);
  const files = {
    'agency.txt': 'agency_id,agency_name,agency_url,agency_timezone\nA,Rail,https://example.org,Asia/Shanghai\n',
    'stops.txt': 'stop_id,stop_name,stop_lat,stop_lon\nS1,First,39.9,116.4\nS2,Second,31.2,121.4\n',
    'routes.txt': 'route_id,agency_id,route_short_name,route_type\nR,A,R1,2\n',
    'trips.txt': 'route_id,service_id,trip_id,trip_short_name\nR,D,T1,K900\n',
    'stop_times.txt':
      'trip_id,arrival_time,departure_time,stop_id,stop_sequence\nT1,23:00:00,23:00:00,S1,1\nT1,25:10:00,25:10:00,S2,2\nT9,08:00:00,08:00:00,S1,1\n',
    'calendar.txt':
      'service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\nD,1,1,1,1,1,1,1,20260101,20271231\n',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(feed, name), text);
};
