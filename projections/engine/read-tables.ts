// The tables of the read side, as Kysely types and as their definition. Types that every SQL database has.
import type { Kysely } from 'kysely';

export type RunStatus = 'open' | 'cancelled';

export interface ReadTables {
  model_positions: { model: string; position: number };
  stations: { code: string; name: string; city: string; pinyin: string; initials: string };
  /** What runs have in common, once: `route_id` is a hash of it; `facts` is JSON of stops, zone, composition and tariff. */
  routes: { route_id: string; train: string; facts: string };
  route_stops: { route_id: string; seq: number; code: string; day_offset: number };
  runs: { train: string; date: string; route_id: string; status: RunStatus };
  /** `view` is the order as JSON, as it is shown; personal data in it is masked. */
  orders: {
    order_no: string;
    user_id: string;
    train: string;
    date: string;
    status: string;
    requested_at: string;
    position: number;
    view: string;
  };
}

/** Raised when a table changes; an embedded read side of another version is dropped and built again from the log. */
export const READ_SCHEMA_VERSION = 3;

export const createReadTables = async (db: Kysely<ReadTables>): Promise<void> => {
  const table = (name: string) => db.schema.createTable(name).ifNotExists();
  await table('model_positions')
    .addColumn('model', 'varchar(64)', (column) => column.primaryKey())
    .addColumn('position', 'bigint', (column) => column.notNull())
    .execute();
  await table('stations')
    .addColumn('code', 'varchar(16)', (column) => column.primaryKey())
    .addColumn('name', 'varchar(128)', (column) => column.notNull())
    .addColumn('city', 'varchar(128)', (column) => column.notNull())
    .addColumn('pinyin', 'varchar(256)', (column) => column.notNull())
    .addColumn('initials', 'varchar(64)', (column) => column.notNull())
    .execute();
  await table('routes')
    .addColumn('route_id', 'varchar(64)', (column) => column.primaryKey())
    .addColumn('train', 'varchar(16)', (column) => column.notNull())
    .addColumn('facts', 'text', (column) => column.notNull())
    .execute();
  await table('route_stops')
    .addColumn('route_id', 'varchar(64)', (column) => column.notNull())
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('code', 'varchar(16)', (column) => column.notNull())
    .addColumn('day_offset', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('route_stops_key', ['route_id', 'seq'])
    .execute();
  await table('runs')
    .addColumn('train', 'varchar(16)', (column) => column.notNull())
    .addColumn('date', 'varchar(10)', (column) => column.notNull())
    .addColumn('route_id', 'varchar(64)', (column) => column.notNull())
    .addColumn('status', 'varchar(16)', (column) => column.notNull())
    .addPrimaryKeyConstraint('runs_key', ['train', 'date'])
    .execute();
  await table('orders')
    .addColumn('order_no', 'varchar(32)', (column) => column.primaryKey())
    .addColumn('user_id', 'varchar(128)', (column) => column.notNull())
    .addColumn('train', 'varchar(16)', (column) => column.notNull())
    .addColumn('date', 'varchar(10)', (column) => column.notNull())
    .addColumn('status', 'varchar(16)', (column) => column.notNull())
    .addColumn('requested_at', 'varchar(32)', (column) => column.notNull())
    .addColumn('position', 'bigint', (column) => column.notNull())
    .addColumn('view', 'text', (column) => column.notNull())
    .execute();
  const index = (name: string) => db.schema.createIndex(name).ifNotExists();
  await index('stations_city').on('stations').column('city').execute();
  await index('route_stops_code').on('route_stops').columns(['code', 'route_id']).execute();
  await index('runs_route').on('runs').columns(['route_id', 'date']).execute();
  await index('orders_user').on('orders').columns(['user_id', 'position']).execute();
  await index('orders_run').on('orders').columns(['train', 'date', 'position']).execute();
};
