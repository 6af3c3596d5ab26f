// The databases over which orders are spread, as a file names them.
import { existsSync, readFileSync } from 'node:fs';
import { layoutName, MOST_ORDER_TABLES, type OrderLayout } from '@railhead/projections/orders/order-layout.ts';
import { type LayoutDatabases, type OrderDatabases, ordersShard } from '@railhead/projections/orders/sharded-orders.ts';
import { z } from 'zod';
import { ConfigError } from '../config/load-config.ts';
import { isServerAddress, type OpenOptions, openSqlServer } from './servers/open-server.ts';

const layoutShape = z
  .strictObject({
    /** Addresses. Their order decides where an order is. */
    databases: z
      .array(z.string().refine(isServerAddress, 'must begin with postgres:// or mysql:// and name a server'))
      .min(1),
    /** In each database. */
    tables: z.int().min(1),
    /** Tells it apart from another layout of as many databases and tables. */
    mark: z
      .string()
      .regex(/^[a-z0-9]{1,16}$/, 'must be small letters and digits')
      .optional(),
  })
  .refine(
    ({ databases, tables }) => databases.length * tables <= MOST_ORDER_TABLES,
    `databases x tables must be at most ${MOST_ORDER_TABLES}`,
  );
const shape = layoutShape.safeExtend({ next: layoutShape.optional() });

export type OrderShards = z.output<typeof shape>;
type ShardLayout = z.output<typeof layoutShape>;

/** Throws `CONFIG_FILE_UNREADABLE` or `CONFIG_INVALID`. No address gets into an error: it may have a password. */
export const readOrderShards = (path: string): OrderShards => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    const what = existsSync(path) ? 'is not readable as JSON' : 'does not exist';
    throw new ConfigError('CONFIG_FILE_UNREADABLE', `readSqlShards: ${path} ${what}`);
  }
  const checked = shape.safeParse(parsed);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const where = issue?.path.join('.') ?? '';
    throw new ConfigError('CONFIG_INVALID', `readSqlShards: ${path}: ${where} ${issue?.message ?? 'not valid'}`);
  }
  const { next, ...current } = checked.data;
  if (next !== undefined && layoutName(layoutOf(current)) === layoutName(layoutOf(next)))
    throw new ConfigError(
      'CONFIG_INVALID',
      `readSqlShards: ${path}: next has as many databases and tables as there are, and needs another mark`,
    );
  return checked.data;
};

const layoutOf = ({ databases, tables, mark }: ShardLayout): OrderLayout => ({
  databases: databases.length,
  tables,
  ...(mark === undefined ? {} : { mark }),
});

export const openOrderShards = (path: string, options: OpenOptions): OrderDatabases => {
  const { next, ...current } = readOrderShards(path);
  const open = (layout: ShardLayout, isServed: boolean): LayoutDatabases => ({
    layout: layoutOf(layout),
    databases: layout.databases.map((url, number) =>
      openSqlServer(url, [ordersShard(layoutOf(layout), number, isServed)], options),
    ),
  });
  return { current: open(current, true), ...(next === undefined ? {} : { next: open(next, false) }) };
};
