// The usual way with a database: lock the row of the run, update it, insert the order's rows, commit. Seats are not
// chosen.
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import type { BareRow } from './order-rows.ts';
import { type Identity, type OtherServer, run, withServer } from './other-server.ts';

const INSTALLED = '/usr/lib/postgresql';
const CLIENTS = 16;
const NAME = `PostgreSQL, one row of the run locked by each order, ${CLIENTS} clients, durable, no seat chosen`;
const SET_UP_LIMIT_MS = 60_000;

/** Orders on one hot run a second, each `rows`, in a cluster made for this measurement on a Unix socket. */
export const postgresRowLock = async (rows: readonly BareRow[], seconds: number): Promise<OtherServer> => {
  const bin = newestBin();
  if (bin === undefined) return { name: NAME, skipped: 'skipped: pgbench is not installed' };
  const identity = serverIdentity();
  if (identity === undefined)
    return { name: NAME, skipped: 'skipped: root may not run it and there is no user postgres' };
  const folder = mkdtempSync(join(tmpdir(), 'railhead-pg-'));
  try {
    if (identity.uid !== undefined && identity.gid !== undefined) chownSync(folder, identity.uid, identity.gid);
    return { name: NAME, ordersPerSecond: await measure({ bin, folder, identity, rows, seconds }) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const newestBin = (): string | undefined =>
  (existsSync(INSTALLED) ? readdirSync(INSTALLED) : [])
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(INSTALLED, version, 'bin'))
    .find((bin) => ['pgbench', 'initdb', 'postgres', 'psql'].every((name) => existsSync(join(bin, name))));

/** The server refuses to run as root: then it runs as user postgres. */
const serverIdentity = (): Identity | undefined => {
  if (userInfo().uid !== 0) return {};
  try {
    const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch {
    return undefined;
  }
};

type Measurement = {
  readonly bin: string;
  readonly folder: string;
  readonly identity: Identity;
  readonly rows: readonly BareRow[];
  readonly seconds: number;
};

const measure = async ({ bin, folder, identity, rows, seconds }: Measurement): Promise<number> => {
  const data = join(folder, 'data');
  const program = (name: string): string => join(bin, name);
  const asBench = ['-h', folder, '-U', 'bench', '-d', 'postgres'];
  await run(
    program('initdb'),
    ['-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--no-locale'],
    identity,
    SET_UP_LIMIT_MS,
  );
  const schema = join(folder, 'schema.sql');
  writeFileSync(schema, schemaWith(rows));
  // PostgreSQL runs as another user, and what this process writes is its owner's alone.
  chmodSync(schema, 0o644);
  const script = join(folder, 'order.sql');
  writeFileSync(script, ORDER);
  chmodSync(script, 0o644);
  const psql = (...args: readonly string[]): Promise<string> =>
    run(program('psql'), [...asBench, '-X', '-q', '-v', 'ON_ERROR_STOP=1', ...args], identity, SET_UP_LIMIT_MS);
  return withServer(
    { file: program('postgres'), args: ['-D', data, '-k', folder, '-c', 'listen_addresses='], identity },
    () => psql('-c', 'SELECT 1'),
    async () => {
      await psql('-f', schema);
      const wholeSeconds = Math.max(1, Math.round(seconds));
      const load = ['-n', '-M', 'prepared', '-c', String(CLIENTS), '-j', '2', '-T', String(wholeSeconds), '-f', script];
      const limitMs = (wholeSeconds + 30) * 1_000;
      const printed = await run(program('pgbench'), [...asBench.slice(0, 4), ...load, 'postgres'], identity, limitMs);
      const tps = /^tps = ([\d.]+)/m.exec(printed)?.[1];
      if (tps === undefined) throw new Error(`pgbench printed no tps: ${printed}`);
      return Number(tps);
    },
  );
};

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const schemaWith = (rows: readonly BareRow[]): string => `
CREATE TABLE train_run (id int PRIMARY KEY, version bigint NOT NULL);
INSERT INTO train_run VALUES (1, 0);
CREATE TABLE events (
  position bigserial PRIMARY KEY, stream bigint NOT NULL, revision bigint NOT NULL, id uuid NOT NULL,
  type text NOT NULL, data text NOT NULL, meta text NOT NULL, UNIQUE (stream, revision)
);
CREATE TABLE sample (part int, stream int, type text, data text, meta text);
INSERT INTO sample VALUES
${rows.map(({ stream, type, data, meta }, part) => `(${part}, ${stream}, ${[type, data, meta].map(literal).join(', ')})`).join(',\n')};
`;

/** An order's own rows share a stream, so that the part keeps their revisions apart. */
const ORDER = `BEGIN;
SELECT version + 1 AS version FROM train_run WHERE id = 1 FOR UPDATE \\gset
UPDATE train_run SET version = :version WHERE id = 1;
INSERT INTO events (stream, revision, id, type, data, meta)
  SELECT CASE WHEN stream < 0 THEN 1000 + :version ELSE stream END, :version * 100 + part, gen_random_uuid(), type, data, meta
  FROM sample;
COMMIT;
`;
