// Bad input and failures between the store and EventStoreDB: a clear error or a recovery, with nothing lost and nothing
// twice.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openStore } from '@railhead/infra/composition/open-store.ts';
import { readConnectionString } from '@railhead/infra/eventstore/esdb/connection-string.ts';
import { EsdbEventStore } from '@railhead/infra/eventstore/esdb/esdb-event-store.ts';
import { EsdbTestServer } from '@railhead/infra/eventstore/esdb/test-server/esdb-test-server.ts';
import { ObservedStore } from '@railhead/infra/eventstore/observed-store.ts';
import { sqliteCheckpoints } from '@railhead/infra/sql/sqlite-checkpoints.ts';
import { anyEventStore } from '../support/any-eventstore.ts';
import { closeAfterEach, codeOf, connect, connected, FAST, take, testServer } from '../support/esdb-world.ts';
import { newEvents } from '../support/events.ts';
import { testOfStandIn } from '../support/real-eventstore.ts';
import { selfSigned } from '../support/self-signed.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

closeAfterEach();
const folder = tempFolder();
const begin = (stream: string, count = 1) => ({ stream, expected: 'noStream' as const, events: newEvents(count) });
const open = (connectionString: string) =>
  EsdbEventStore.open({ connectionString, settings: { ...FAST, giveUpAfterMs: 150 } });

testOfStandIn('a server that is gone, and one that answers nothing, are told by whoever asks the store', async () => {
  const { store, server } = await connected({}, { readTimeoutMs: 10_000 });
  const observed = new ObservedStore(store, () => 0);
  expect(await observed.ask()).toBeUndefined();
  server.faults.set({ silentReads: 1_000 });
  await waitUntil('the silence', async () => /^STORE_UNAVAILABLE: no answer/.test((await observed.ask()) ?? ''));
  server.faults.set({ silentReads: 0 });
  await waitUntil('the answer', async () => (await observed.ask()) === undefined);
  await server.stop();
  await waitUntil('the loss', async () => /^STORE_UNAVAILABLE/.test((await observed.ask()) ?? ''));
});

testOfStandIn('a server without events is no log for a folder that knows some', async () => {
  const data = join(folder, 'knows');
  mkdirSync(data);
  const server = await testServer();
  const settings = { store: 'esdb', esdbUrl: server.connectionString, esdbShards: '', data, maxLogBytes: 0 } as const;
  await (await openStore(settings)).close();
  const checkpoints = sqliteCheckpoints(data);
  await checkpoints('orders').replace({ position: 9, fingerprint: 'event 9', unfinished: [] });
  checkpoints.close();
  for (let n = 0; n < 2; n += 1)
    await expect(openStore(settings)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('processes.db of it are there'),
    });
});

describe('who may connect', () => {
  test('no server', async () => {
    expect(await codeOf(open('esdb://127.0.0.1:1?tls=false'))).toBe('STORE_UNAVAILABLE');
  });

  testOfStandIn('a wrong password is reported at once, and never printed', async () => {
    const tls = selfSigned();
    const authority = join(folder, 'authority.pem');
    writeFileSync(authority, tls.certificate);
    const server = await testServer({ tls, users: { railhead: 'right' } });
    const wrong = `esdb://railhead:wrong@localhost:${server.port}?tlsCAFile=${authority}`;
    const failing = open(wrong);
    await expect(failing).rejects.toMatchObject({ code: 'STORE_ACCESS_DENIED' });
    await expect(failing).rejects.not.toThrow(/wrong@/);
    const right = await connect(wrong.replace('wrong', 'right'));
    expect(await right.store.append([begin('a-1')])).toMatchObject([{ ok: true }]);
  });

  testOfStandIn(
    'TLS against a server without it, none against one with it, and a certificate nobody trusts',
    async () => {
      const plain = await testServer();
      const secure = await testServer({ tls: selfSigned() });
      expect(await codeOf(open(`esdb://localhost:${plain.port}?tls=true`))).toBe('STORE_UNAVAILABLE');
      expect(await codeOf(open(`esdb://127.0.0.1:${secure.port}?tls=false`))).toBe('STORE_UNAVAILABLE');
      expect(await codeOf(open(`esdb://localhost:${secure.port}?tls=true`))).toBe('STORE_UNAVAILABLE');
    },
  );

  testOfStandIn('a certificate of the client, where the server asks for one', async () => {
    const [ours, theirs] = [selfSigned(), selfSigned()];
    const server = await testServer({ tls: { ...theirs, clientAuthority: ours.certificate } });
    for (const [name, text] of Object.entries({ ca: theirs.certificate, cert: ours.certificate, key: ours.key }))
      writeFileSync(join(folder, `${name}.pem`), text);
    const trusting = `esdb://localhost:${server.port}?tlsCAFile=${join(folder, 'ca.pem')}`;
    expect(await codeOf(open(trusting))).toBe('STORE_UNAVAILABLE');
    const certified = `${trusting}&userCertFile=${join(folder, 'cert.pem')}&userKeyFile=${join(folder, 'key.pem')}`;
    const { store } = await connect(certified);
    expect(await store.append([begin('a-1')])).toMatchObject([{ ok: true }]);
  });

  test.each([
    ['http://localhost:2113', /esdb:/],
    ['esdb://localhost:2113?tsl=false', /tsl is no option/],
    ['esdb://localhost:2113?tlsVerifyCert=false', /tlsVerifyCert is no option/],
    ['esdb://user:pa:ss@localhost:2113', /percent-encoded/],
    ['esdb://localhost:port', /not readable/],
    ['esdb://localhost:2113?tlsCAFile=/nowhere.pem', /there is no file/],
    ['esdb://localhost:2113?userCertFile=/nowhere.pem', /go together/],
    ['esdb://user:secret@localhost:2113?keepAliveTimeout=soon', /not readable/],
  ])('the connection string %s is refused with its reason', (text, reason) => {
    expect(() => readConnectionString(text)).toThrow(reason);
    expect(() => readConnectionString(text)).not.toThrow(/secret/);
  });

  testOfStandIn('a server that cannot take batches of appends', async () => {
    const server = await testServer({ without: ['BatchAppend'] });
    const { store } = await connect(server.connectionString, { giveUpAfterMs: 100 });
    await expect(store.append([begin('a-1')])).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: /batch append/,
    });
  });
});

describe('a cluster', () => {
  const cluster = async () => {
    const leader = await testServer();
    const follower: EsdbTestServer = await testServer({ log: leader.log, faults: { leaderPort: leader.port } });
    return { leader, follower };
  };

  testOfStandIn('a node that is not the leader names it, and the append goes there', async () => {
    const { leader, follower } = await cluster();
    const { store } = await connect(follower.connectionString);
    expect(await store.append([begin('a-1', 3)])).toMatchObject([{ ok: true, revision: 2, repeated: false }]);
    expect(leader.callsOf('BatchAppend')).toBe(1);
  });

  testOfStandIn('the leader changes under an open connection', async () => {
    const { leader, follower } = await cluster();
    const { store } = await connect(leader.connectionString);
    await store.append([begin('a-1')]);
    leader.faults.set({ leaderPort: follower.port });
    follower.faults.clear();
    for (let n = 0; n < 5; n += 1)
      expect(await store.append([{ stream: 'a-1', expected: n, events: newEvents(1) }])).toMatchObject([{ ok: true }]);
    expect(follower.callsOf('BatchAppend')).toBe(1);
    expect(leader.log.lastRevision('a-1')).toBe(5);
  });

  testOfStandIn.each([
    ['leader', 0],
    ['follower', 1],
  ] as const)('discovery by gossip prefers the %s', async (preference, expected) => {
    const nodes: EsdbTestServer[] = [];
    const members = () => nodes.map(({ port }, index) => ({ port, leader: index === 0, alive: true }));
    nodes.push(await testServer({ members }));
    nodes.push(await testServer({ members, log: nodes[0]?.log ?? (await testServer()).log }));
    const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`).join(',');
    const { store } = await connect(`esdb://${hosts}?tls=false&nodePreference=${preference}`);
    await store.append([begin('a-1')]);
    expect(nodes.map((node) => node.callsOf('BatchAppend'))).toEqual(expected === 0 ? [1, 0] : [0, 1]);
  });
});

describe('appends during failures', () => {
  testOfStandIn('the connection is lost after the commit, before it, and in the middle of the answer', async () => {
    const { store, server, counts } = await connected();
    for (const fault of ['dropAfterCommit', 'dropBeforeCommit'] as const) {
      server.faults.set({ [fault]: 1 });
      expect(await store.append([begin(`${fault}-1`, 3)])).toMatchObject([{ ok: true, revision: 2, repeated: false }]);
      expect(server.faults.happened(fault)).toBe(1);
      expect(server.log.lastRevision(`${fault}-1`)).toBe(2);
    }
    server.faults.set({ truncatedFrame: 1 });
    server.dropConnections();
    expect(await store.append([begin('cut-1', 3)])).toMatchObject([{ ok: true, revision: 2 }]);
    expect(await store.readStream('cut-1')).toHaveLength(3);
    expect(server.faults.happened('truncatedFrame')).toBe(1);
    expect(counts.outcomeUnknown).toBeGreaterThanOrEqual(2);
  });

  testOfStandIn('the server is killed between commit and answer, and started again', async () => {
    const at = join(folder, 'log');
    const first = await EsdbTestServer.start({ folder: at, faults: { delayMs: 60_000 } });
    const { store } = await connect(first.connectionString);
    const writing = store.append([begin('a-1', 2)]);
    await waitUntil('the commit', () => first.log.lastRevision('a-1') === 1);
    await first.stop();
    const second = await testServer({ folder: at, port: first.port });
    expect(await writing).toMatchObject([{ ok: true, revision: 1, repeated: false }]);
    expect(second.log.lastRevision('a-1')).toBe(1);
  });

  testOfStandIn('another writer comes while the outcome is unknown', async () => {
    const { store, server } = await connected();
    await store.append([begin('b-1')]);
    const theirs = server.log.records.at(-1);
    if (theirs === undefined) throw new Error('unreachable');
    server.faults.set({ dropBeforeCommit: 1_000 });
    const writing = store.append([begin('a-1', 2)]);
    await waitUntil('a drop', () => server.faults.happened('dropBeforeCommit') > 0);
    server.log.append('a-1', -1, [{ ...theirs, id: crypto.randomUUID() }]);
    server.faults.clear();
    expect(await writing).toEqual([{ ok: false, code: 'WRONG_REVISION', actual: 0 }]);
    expect(server.log.lastRevision('a-1')).toBe(0);
  });

  testOfStandIn('a wrong refusal of the server is passed on', async () => {
    const { store } = await connected({ faults: { wrongRevision: 1 } });
    expect(await store.append([begin('a-1')])).toEqual([{ ok: false, code: 'WRONG_REVISION', actual: -1 }]);
    expect(await store.append([begin('a-1')])).toMatchObject([{ ok: true }]);
  });

  test('a full window holds appends back; a full queue refuses them whole', async () => {
    const limits = { maxInFlight: 4, maxWaiting: 20 };
    const { store, relay, counts } = await anyEventStore(limits);
    relay.delayMs = 30;
    const first = store.append(Array.from({ length: 20 }, (_, n) => begin(`a-${n}`)));
    expect(await codeOf(store.append(Array.from({ length: 20 }, (_, n) => begin(`b-${n}`))))).toBe('STORE_OVERLOADED');
    expect((await first).every(({ ok }) => ok)).toBe(true);
    expect(counts.inFlight).toBe(4);
    expect(
      (await store.readAll({ after: 0, limit: 1_000 })).events.filter(({ stream }) => stream.startsWith('b-')),
    ).toEqual([]);
  });

  test('an outcome that stays unknown is reported as unknown', async () => {
    const { store, relay } = await anyEventStore({ giveUpAfterMs: 300, appendTimeoutMs: 100, readTimeoutMs: 100 });
    await store.append([begin('a-0')]);
    relay.mute = true;
    expect(await codeOf(store.append([begin('a-1')]))).toBe('OUTCOME_UNKNOWN');
    relay.mute = false;
    relay.dropAll();
    expect(await store.readStream('a-1')).toHaveLength(1);
  });

  test('the clock jumps: no deadline of the server compares it with ours', async () => {
    const { store, relay } = await anyEventStore();
    await store.append([begin('a-0')]);
    relay.silence();
    const real = Date.now;
    try {
      for (const jump of [-86_400_000, 86_400_000]) {
        Date.now = () => real() + jump;
        expect(await store.append([begin(`a-${jump > 0 ? 1 : 2}`)])).toMatchObject([{ ok: true }]);
      }
      expect((await store.readAll({ after: 0, limit: 1_000 })).events).toHaveLength(3);
    } finally {
      Date.now = real;
    }
  });

  test('hundreds of appends while connections are lost again and again: each stands once', async () => {
    const { store, relay } = await anyEventStore();
    relay.dropEvery = 37;
    const writer = async (name: string): Promise<void> => {
      for (let revision = -1; revision < 119; revision += 3) {
        const expected = revision < 0 ? ('noStream' as const) : revision;
        const results = await store.append([{ stream: `a-${name}`, expected, events: newEvents(3) }]);
        expect(results).toMatchObject([{ ok: true, revision: revision + 3, repeated: false }]);
      }
    };
    await Promise.all(Array.from({ length: 12 }, (_, n) => writer(String(n))));
    expect(relay.drops).toBeGreaterThan(5);
    for (let n = 0; n < 12; n += 1) expect(await store.readStream(`a-${n}`)).toHaveLength(120);
  });
});

describe('subscriptions during failures', () => {
  testOfStandIn('a corrupt event in the middle of the log ends the subscription in front of it, clearly', async () => {
    const { store, server } = await connected();
    await store.append([begin('a-1', 10)]);
    const good = server.log.records.at(-1);
    if (good === undefined) throw new Error('unreachable');
    server.log.append('a-2', 'any', [{ ...good, id: crypto.randomUUID(), metadata: Buffer.from('\u0000') }]);
    await store.append([begin('a-3', 10)]);
    const before = await take(store, 10, { after: 0, batchSize: 5 });
    expect(before).toHaveLength(10);
    expect(await codeOf(take(store, 11, { after: before.at(-1)?.position ?? 0 }))).toBe('STORE_CORRUPT');
    const beyond = server.log.records.find(({ stream }) => stream === 'a-2')?.position ?? 0;
    expect(await take(store, 10, { after: beyond })).toHaveLength(10);
  });

  testOfStandIn.each(['skippedEvent', 'repeatedEvent', 'slowConsumer', 'silentSubscription'] as const)(
    '%s: noticed, and made good from where the subscription stood',
    async (fault) => {
      const { store, server } = await connected();
      let received = 0;
      const receiving = take(store, 90, { after: 0, batchSize: 10 }, ({ events }) => {
        received += events.length;
      });
      // Live from the first event on: a subscription that ends where the live one begins would not notice its last event.
      await waitUntil('the live subscription', () => server.callsOf('Subscribe') > 0);
      for (let n = 0; n < 3; n += 1) {
        await store.append([{ stream: 'a-1', expected: 'any', events: newEvents(20) }]);
        server.faults.set({ [fault]: 1 });
        await store.append([{ stream: 'a-1', expected: 'any', events: newEvents(10) }]);
        await waitUntil('the fault', () => server.faults.valueOf(fault) === 0);
        // Each fault by itself: one that strikes again where a subscription has begun again is another matter.
        await waitUntil('the events', () => received === 30 * (n + 1));
      }
      expect((await receiving).map(({ revision }) => revision)).toEqual(Array.from({ length: 90 }, (_, n) => n));
      expect(server.faults.happened(fault)).toBe(3);
    },
  );

  test('a slow reader delays no other and loses nothing', async () => {
    const { store } = await anyEventStore({ tailEvents: 50 });
    let release: () => void = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let first = true;
    const slow = take(store, 1_000, { after: 0, batchSize: 20 }, () => {
      if (!first) return undefined;
      first = false;
      return held;
    });
    const quick = take(store, 1_000, { after: 0, batchSize: 20 });
    for (let n = 0; n < 20; n += 1) await store.append([begin(`a-${n}`, 50)]);
    expect(await quick).toHaveLength(1_000);
    release();
    const events = await slow;
    expect(events.map(({ id }) => id)).toEqual((await quick).map(({ id }) => id));
  });
});

describe('streams that are kept small', () => {
  test('a stream deleted under a reader reads as empty, and goes on with its next revision', async () => {
    const { store, inner, named } = await anyEventStore();
    await store.append([begin('a-1', 5)]);
    const reading = store.readStream('a-1');
    await inner.keeping.softDelete(named('a-1'));
    expect([0, 5]).toContain((await reading).length);
    expect(await store.readStream('a-1')).toEqual([]);
    expect(await store.append([{ stream: 'a-1', expected: 'any', events: newEvents(1) }])).toMatchObject([
      { ok: true, revision: 5 },
    ]);
    expect((await store.readStream('a-1')).map(({ revision }) => revision)).toEqual([5]);
  });

  testOfStandIn('limits hide old events; a scavenge removes them; the log goes on', async () => {
    const { store, server } = await connected();
    await store.append([begin('a-1', 10), begin('a-2', 10)]);
    await store.keeping.limit('a-1', { maxCount: 3 });
    await store.keeping.truncateBefore('a-2', 6);
    expect(await store.keeping.limitsOf('a-1')).toEqual({ maxCount: 3 });
    expect((await store.readStream('a-1')).map(({ revision }) => revision)).toEqual([7, 8, 9]);
    expect((await store.readStream('a-2')).map(({ revision }) => revision)).toEqual([6, 7, 8, 9]);
    expect((await store.readAll({ after: 0, limit: 100 })).events).toHaveLength(20);
    expect(await store.keeping.scavenge()).not.toBe('');
    expect(server.log.records.filter(({ stream }) => stream.startsWith('a-'))).toHaveLength(7);
    expect(await take(store, 7, { after: 0 })).toHaveLength(7);
  });
});
