// The search of stations: questions a second, embedded and in Elasticsearch, beside a plain SQL query over four typed
// columns of the same stations.
import { performance } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { ElasticStationIndex } from '@railhead/infra/search/elastic-station-index.ts';
import { loadStationAliases } from '@railhead/infra/stations/load-aliases.ts';
import { MemoryStationIndex } from '@railhead/projections/station-search/memory-station-index.ts';
import type { SearchedStation } from '@railhead/projections/station-search/station-index.ts';
import { keysBy } from '@railhead/projections/station-search/station-keys.ts';
import { QUESTIONS } from '../search/questions.ts';
import { STATIONS } from '../search/stations.ts';
import { ELASTICSEARCH } from '../services/elasticsearch.ts';
import { RunningServer } from '../services/running-server.ts';
import { reasonToSkip } from '../services/server-kind.ts';
import { realClock } from '../support/fixed-clock.ts';
import { seededRandom } from '../support/seeded-random.ts';
import type { Benchmark, BenchResult } from './benchmark.ts';

const COUNT = 3_000;
const LIMIT = 20;
const NAMES = [...'安宝昌成大东丰福固海河化吉江金口兰龙明宁平清荣山太通文西新阳永源云州庄'];

export const stations: Benchmark = {
  name: 'stations',
  about: 'questions a second about stations, beside the plain SQL query over typed columns',
  async *run({ seconds }) {
    const began = performance.now();
    const all = searched();
    const index = await MemoryStationIndex.of(all);
    const builtMs = performance.now() - began;
    const plain = await rateOf(seconds, plainSql(all));
    yield resultOf('embedded', await rateOf(seconds, (text) => index.search(text, LIMIT)), plain, { builtMs });
    if (reasonToSkip(ELASTICSEARCH) === undefined) yield* onServer(all, seconds, plain);
  },
};

/** Those that are known by name, and others with made-up ones, of whom nobody asks. */
const searched = (): readonly SearchedStation[] => {
  const random = seededRandom(5);
  const letter = (): string => NAMES[random.below(NAMES.length)] ?? '';
  const others = Array.from({ length: COUNT - STATIONS.length }, (_, n) => {
    const city = letter() + letter();
    const name = city + (['', '', '东', '西', '南', '北', letter()][random.below(7)] ?? '');
    return { code: `X${n}`, name, city, pinyin: '', calls: random.below(60) };
  });
  const keysOf = keysBy(loadStationAliases(''));
  return [...STATIONS, ...others].map(({ calls, ...facts }) => ({ facts, calls, keys: keysOf(facts) }));
};

const asked = Object.values(QUESTIONS).flatMap((questions) => questions.map(([typed]) => typed));

const rateOf = async (seconds: number, ask: (text: string) => unknown): Promise<number> => {
  let count = 0;
  const began = performance.now();
  while (performance.now() - began < seconds * 1_000)
    for (const text of asked) {
      await ask(text);
      count += 1;
    }
  return (count * 1_000) / (performance.now() - began);
};

/** As stations were found before: code, or the beginning of one of four columns in small letters. */
const plainSql = (all: readonly SearchedStation[]): ((text: string) => unknown) => {
  const database = new DatabaseSync(':memory:');
  database.exec(
    'create table stations (code text primary key, name text, city text, typed_name text, typed_city text, typed_pinyin text, initials text)',
  );
  const insert = database.prepare('insert into stations values (?, ?, ?, ?, ?, ?, ?)');
  for (const { facts, keys } of all) {
    const { code, name, city } = facts;
    insert.run(code, name, city, name.toLowerCase(), city.toLowerCase(), keys.aliases[0] ?? '', keys.initials[0] ?? '');
  }
  const query = database.prepare(
    `select code, name, city from stations
     where code = upper(:text) or typed_name like :begins or typed_city like :begins or typed_pinyin like :begins or initials like :begins
     order by case when code = upper(:text) or typed_name = :text then 0 when typed_name like :begins then 1
       when initials = :text or typed_pinyin = :text then 2 else 3 end, length(name), code limit ${LIMIT}`,
  );
  return (text) => query.all({ text: text.toLowerCase(), begins: `${text.toLowerCase()}%` });
};

const resultOf = (
  store: string,
  value: number,
  plain: number,
  details: Readonly<Record<string, number>>,
): BenchResult => ({
  name: `stations/${store}`,
  value,
  unit: 'questions/s',
  references: [{ name: 'plain SQL over typed columns, in memory (questions/s)', value: plain, ratio: value / plain }],
  details: { stations: COUNT, questions: asked.length, millisecondsEach: 1_000 / value, ...details },
});

async function* onServer(all: readonly SearchedStation[], seconds: number, plain: number): AsyncGenerator<BenchResult> {
  const server = await RunningServer.start(ELASTICSEARCH);
  const aliases = loadStationAliases('');
  const index = new ElasticStationIndex({
    url: server.url,
    prefix: 'bench-',
    clock: realClock,
    aliases,
    patienceMs: 60_000,
  });
  const lease = index.leaseWith(async () => true);
  try {
    await lease.acquire(
      new AbortController().signal,
      async () => false,
      () => {},
    );
    await index.place();
    const documents = all.map(({ facts, calls }, at) => ({
      code: facts.code,
      version: at + 1,
      facts,
      trains: Array.from({ length: calls }, (_, train) => `T${train}`),
    }));
    await index.put(documents, { position: all.length, fingerprint: 'f' }, []);
    // The server is cold at first.
    await rateOf(seconds, (text) => index.search(text, LIMIT, all.length));
    yield resultOf('Elasticsearch', await rateOf(seconds, (text) => index.search(text, LIMIT)), plain, {});
  } finally {
    await lease.release();
    await index.close();
    await server.discard();
  }
}
