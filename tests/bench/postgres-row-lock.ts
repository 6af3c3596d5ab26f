// The usual way with a database: lock the row of the run, update it, insert the order's rows, commit. Seats are not
// chosen.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { POSTGRES, postgresProgram } from '../services/postgres.ts';
import type { RunningServer } from '../services/running-server.ts';
import { run } from '../services/server-kind.ts';
import type { BareRow } from './order-rows.ts';
import { measureOther, type OtherServer } from './other-server.ts';

const CLIENTS = 16;
const NAME = `PostgreSQL, one row of the run locked by each order, ${CLIENTS} clients, durable, no seat chosen`;
const SET_UP_LIMIT_MS = 60_000;

/** Orders on one hot run a second, each `rows`, in a cluster made for this measurement, by its Unix socket. */
export const postgresRowLock = (rows: readonly BareRow[], seconds: number): Promise<OtherServer> =>
  measureOther({ name: NAME, kind: POSTGRES, args: ['-c', 'fsync=on'] }, (server) => measure(server, rows, seconds));

const measure = async ({ place }: RunningServer, rows: readonly BareRow[], seconds: number): Promise<number> => {
  const program = (name: string, args: readonly string[], limitMs: number): Promise<string> => {
    const access = ['-h', place.folder, '-p', String(place.port), '-U', 'railhead'];
    return run({ file: postgresProgram(name), args: [...access, ...args] }, place, {}, limitMs);
  };
  const file = (name: string, text: string): string => {
    const path = join(place.folder, name);
    writeFileSync(path, text);
    return path;
  };
  const schema = ['-d', 'railhead', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', file('schema.sql', schemaWith(rows))];
  await program('psql', schema, SET_UP_LIMIT_MS);
  const wholeSeconds = Math.max(1, Math.round(seconds));
  const amount = ['-c', String(CLIENTS), '-j', '2', '-T', String(wholeSeconds)];
  const load = ['-n', '-M', 'prepared', ...amount, '-f', file('order.sql', ORDER), 'railhead'];
  const printed = await program('pgbench', load, (wholeSeconds + 30) * 1_000);
  const tps = /^tps = ([\d.]+)/m.exec(printed)?.[1];
  if (tps === undefined) throw new Error(`pgbench printed no tps: ${printed}`);
  return Number(tps);
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
