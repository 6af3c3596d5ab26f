// Elasticsearch answers about stations as the embedded index does; where it is away the embedded index answers.

import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { ElasticStationIndex } from '@railhead/infra/search/elastic-station-index.ts';
import { clientAt } from '@railhead/infra/search/search-server.ts';
import { loadStationAliases } from '@railhead/infra/stations/load-aliases.ts';
import type { Lease } from '@railhead/projections/engine/model-lease.ts';
import { MemoryStationIndex } from '@railhead/projections/station-search/memory-station-index.ts';
import type { StationDocument } from '@railhead/projections/station-search/station-document.ts';
import { STATION_SEARCH } from '@railhead/projections/station-search/station-search-model.ts';
import { ELASTICSEARCH } from '../services/elasticsearch.ts';
import { OPENSEARCH } from '../services/opensearch.ts';
import { describeOnServer, describeServerFaults } from '../services/under-test.ts';
import { realClock } from '../support/fixed-clock.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { ServedRailway } from '../support/served-railway.ts';
import { ask, type Json } from '../support/shopper.ts';
import { waitUntil } from '../support/wait-until.ts';
import { askAll, SEARCHED } from './ask-all.ts';
import { QUESTIONS } from './questions.ts';

const aliases = loadStationAliases('');
const DOCUMENTS: readonly StationDocument[] = SEARCHED.map(({ facts, calls }, at) => ({
  code: facts.code,
  version: at + 1,
  facts,
  trains: Array.from({ length: calls }, (_, train) => `T${train}`),
}));
const AT = { position: DOCUMENTS.length, fingerprint: 'last' };

for (const kind of [ELASTICSEARCH, OPENSEARCH])
  describeOnServer(kind, (server) => {
    let index: ElasticStationIndex;
    let lease: Lease;
    beforeAll(async () => {
      index = new ElasticStationIndex({ ...(await server.ownPart()), clock: realClock, aliases, patienceMs: 60_000 });
      lease = index.leaseWith(async () => true);
      await lease.acquire(
        new AbortController().signal,
        async () => false,
        () => {},
      );
      await index.place();
      await index.put(DOCUMENTS, AT, []);
    });
    afterAll(async () => {
      await lease.release();
      await index.close();
    });
    const answering = () => ({
      search: (text: string, limit: number) => index.search(text, limit, AT.position),
    });

    askAll('Elasticsearch', answering);

    test('both stores give the same stations in the same order, whatever is asked', async () => {
      const memory = await MemoryStationIndex.of(SEARCHED);
      const random = seededRandom(7);
      const typed = Object.values(QUESTIONS).flatMap((asked) => asked.map(([text]) => text));
      const damaged = typed.map((text) => {
        const letters = [...text];
        const at = random.below(letters.length + 1);
        letters.splice(at, random.below(3), ...(random.below(2) === 0 ? [] : ['n']));
        return letters.join('');
      });
      for (const text of [
        ...typed,
        ...damaged,
        's',
        'a b',
        '北',
        'hbf',
        '南 n',
        'ü',
        '\u{FDFA}'.repeat(64),
        '\u{3300}'.repeat(64),
        `${'a'.repeat(63)}1`,
      ]) {
        const codes = (found: readonly { readonly code: string }[]) => found.map(({ code }) => code);
        expect([text, codes(await answering().search(text, 50))]).toEqual([text, codes(await memory.search(text, 50))]);
      }
    });

    test('documents come back as they were put', async () => {
      expect([...(await index.documents(DOCUMENTS.map(({ code }) => code))).values()]).toEqual(DOCUMENTS);
    });

    test('a late write of an older document changes nothing, and a station that is not registered is not found', async () => {
      const [first] = DOCUMENTS;
      if (first === undefined) throw new Error('there are stations');
      await index.put([{ code: 'GHOST', version: 1, trains: ['T1'] }], AT, []);
      await index.put([{ ...first, version: 0, trains: [] }], AT, []);
      expect((await index.documents([first.code])).get(first.code)).toEqual(first);
      expect(await answering().search('GHOST', 5)).toEqual([]);
    });
  });

for (const kind of [ELASTICSEARCH, OPENSEARCH])
  describeServerFaults(kind, (server) => {
    let railway: ServedRailway;
    let prefix = '';
    let railways = 0;
    afterEach(async () => {
      await railway.stop();
      if (!server().isRunning) await server().restart();
    });

    const serve = async (start = ServedRailway.start): Promise<void> => {
      railways += 1;
      prefix = `stations-${railways}-`;
      const search = { readSearch: server().url, readSearchPrefix: prefix };
      railway = await start({ rows: 1, letters: 'A', stops: 3 }, search);
    };
    const found = async (q: string): Promise<readonly string[]> => {
      const position = { 'Railhead-Min-Position': String(await railway.store.lastPosition()) };
      const { status, body } = await railway.ask(`/v1/stations?q=${encodeURIComponent(q)}`, { headers: position });
      expect(status).toBe(200);
      return body.stations.map(({ code }: Json) => code);
    };
    const told = async (): Promise<string> => (await ask(`${railway.url}/readyz`)).body.parts[STATION_SEARCH];
    /** All that the server has of stations. */
    const stored = async (): Promise<readonly Json[]> => {
      const client = clientAt(server().url);
      try {
        await client.indices.refresh({ index: `${prefix}stations-*` });
        const { hits } = await client.search<Json>({ index: `${prefix}stations-*`, sort: [{ code: 'asc' }] });
        return hits.hits.map(({ _source }) => _source);
      } finally {
        await client.close();
      }
    };
    const isWhole = async (): Promise<boolean> => {
      if ((await told()) !== 'live') return false;
      const stations = await stored();
      return (
        stations.map(({ code, calls }) => `${code} ${calls}`).join() === 'ST0 1,ST1 1,ST2 1' &&
        stations.every(({ station }) => station.facts !== undefined)
      );
    };

    test('it is killed: the embedded index answers; it comes back, and has all stations once', async () => {
      await serve();
      await waitUntil('the stations to be there', isWhole);
      expect(await found('站1')).toEqual(['ST1']);
      await server().kill();
      expect(await found('站1')).toEqual(['ST1']);
      expect(await found('st2')).toEqual(['ST2']);
      await waitUntil('it to be told', async () => (await told()).includes('no answer'));
      await server().restart();
      await waitUntil('the stations to be there again', isWhole);
    });

    test('it stands still: nobody waits for it', async () => {
      await serve();
      await waitUntil('the stations to be there', isWhole);
      await server().pause();
      for (let n = 0; n < 3; n += 1) expect(await found('站1')).toEqual(['ST1']);
      server().resume();
      await waitUntil('the stations to be there', isWhole);
    });

    test('its index is deleted, or it is not there at the start', async () => {
      await server().kill();
      await serve(ServedRailway.startShown);
      expect(await found('站1')).toEqual(['ST1']);
      await server().restart();
      await waitUntil('the stations to be there', isWhole);
      const client = clientAt(server().url);
      for (const index of Object.keys(await client.indices.get({ index: `${prefix}stations-*` })))
        await client.indices.delete({ index });
      await client.close();
      expect(await found('站1')).toEqual(['ST1']);
      await waitUntil('the stations to be there again', isWhole);
    });
  });
