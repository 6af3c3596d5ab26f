// Who did what, newest first. By actor, stream, order and run an index answers; everything else is looked for among so many
// rows, and the page may end before it is full.
import { MAX_PAYMENTS } from '@railhead/commands/payments/create-payment.ts';
import type { Position } from '@railhead/commands/ports/event-store.ts';
import { SEAT_CLASSES } from '@railhead/domain/kernel/seat-class.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory, paymentNoOf } from '@railhead/domain/payment/stream.ts';
import { runQueueCategory } from '@railhead/domain/run-queue/stream.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { type RunId, runCategory } from '@railhead/domain/train-run/stream.ts';
import { type Kysely, sql } from 'kysely';
import { atLeast, atMost, type Condition, equal, pageOfRows, type RowKeys } from '../engine/page-of-rows.ts';
import type { SqlDialect, StoredInstant } from '../engine/sql-dialect.ts';
import type { AuditTrailTables } from './audit-trail-tables.ts';
import { minuteOf } from './minutes.ts';

export type AuditEntry = {
  readonly position: Position;
  readonly atMs: number;
  readonly actor: string;
  readonly stream: string;
  readonly type: string;
};

export type AuditFilter = {
  readonly actor?: string | undefined;
  readonly stream?: string | undefined;
  readonly order?: string | undefined;
  readonly run?: RunId | undefined;
  readonly category?: string | undefined;
  readonly type?: string | undefined;
  /** Both included. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
};

export type AuditPage = { readonly entries: readonly AuditEntry[]; readonly next: Position | undefined };

/** Seventy days: clocks that were wrong by more than that hide events from a question about times. */
const MOST_MINUTES = 100_000;

type Range = { readonly first: Position; readonly last: Position };

export class AuditTrailQueries {
  readonly #db: Kysely<AuditTrailTables>;
  readonly #dialect: SqlDialect;
  readonly #mostLookedAt: number | undefined;

  constructor(db: Kysely<AuditTrailTables>, dialect: SqlDialect, mostLookedAt?: number) {
    this.#db = db;
    this.#dialect = dialect;
    this.#mostLookedAt = mostLookedAt;
  }

  async newest(
    filter: AuditFilter,
    { cursor, limit }: { readonly cursor?: Position | undefined; readonly limit: number },
  ): Promise<AuditPage> {
    const range = await this.#range(filter);
    if (range === undefined) return { entries: [], next: undefined };
    const streams = streamsOf(filter);
    // Each of the streams has its place in an index; together they would have to be sorted.
    const pages = await Promise.all(
      (streams ?? [undefined]).map((stream) => this.#page({ ...filter, stream }, range, { cursor, limit })),
    );
    const all = pages.flatMap(({ entries }) => entries).sort((one, other) => other.position - one.position);
    // Below it, a page that ended early may have left something out.
    const bound = Math.max(0, ...pages.map(({ next }) => next ?? 0));
    const entries = all.filter(({ position }) => position >= bound).slice(0, limit);
    const isCut = entries.length < all.filter(({ position }) => position >= bound).length;
    return { entries, next: isCut ? entries.at(-1)?.position : bound === 0 ? undefined : bound };
  }

  async #page(
    { actor, stream, category, type, fromMs, toMs }: AuditFilter,
    { first, last }: Range,
    { cursor, limit }: { readonly cursor: Position | undefined; readonly limit: number },
  ): Promise<AuditPage> {
    const dialect = this.#dialect;
    const byActor = actor === undefined ? [] : [equal('actor', actor)];
    const byStream = stream === undefined ? [] : [equal('stream', stream)];
    const looked: Condition[] = [
      ...(stream === undefined ? [] : byActor),
      ...(type === undefined ? [] : [equal('type', type)]),
      // By no index: that of streams would give them in another order.
      ...(category === undefined
        ? []
        : [sql`substr(stream, 1, ${category.length + 1}) = ${`${category}-`}` as Condition]),
      ...(fromMs === undefined ? [] : [atLeast('at', dialect.toInstant(fromMs))]),
      ...(toMs === undefined ? [] : [atMost('at', dialect.toInstant(toMs))]),
    ];
    const { rows, next } = await pageOfRows<AuditTrailTables, AuditTrailTables['audit_trail']>(
      this.#db,
      {
        table: 'audit_trail',
        columns: ['position', 'at', 'actor', 'stream', 'type'],
        keys: ['position'],
        direction: 'desc',
        found: [
          ...(stream === undefined ? byActor : byStream),
          ...(first > 0 ? [atLeast('position', first)] : []),
          ...(last < Number.MAX_SAFE_INTEGER ? [atMost('position', last)] : []),
        ],
        looked,
        after: cursor === undefined ? undefined : [cursor],
        limit,
      },
      this.#mostLookedAt,
    );
    return {
      entries: rows.map(({ at, ...row }) => ({ ...row, atMs: dialect.fromInstant(at as StoredInstant) })),
      next: positionIn(next),
    };
  }

  /** Where the events of these times stand, whatever the clocks did; undefined: there are none. */
  async #range({ fromMs, toMs }: AuditFilter): Promise<Range | undefined> {
    const [first, last] = [
      fromMs === undefined ? 0 : await this.#bound('first', { fromMs, toMs }),
      toMs === undefined ? Number.MAX_SAFE_INTEGER : await this.#bound('last', { fromMs, toMs }),
    ];
    return first === undefined || last === undefined ? undefined : { first, last };
  }

  /** The lowest first position, or the highest last one, of the minutes that are nearest to that end of the times. */
  async #bound(which: 'first' | 'last', { fromMs, toMs }: AuditFilter): Promise<Position | undefined> {
    const { bound } = await this.#db
      .selectFrom((eb) => {
        let minutes = eb.selectFrom('audit_minutes').select(which);
        if (fromMs !== undefined) minutes = minutes.where('minute', '>=', minuteOf(fromMs));
        if (toMs !== undefined) minutes = minutes.where('minute', '<=', minuteOf(toMs));
        return minutes
          .orderBy('minute', which === 'first' ? 'asc' : 'desc')
          .limit(MOST_MINUTES)
          .as('nearest');
      })
      .select((eb) => (which === 'first' ? eb.fn.min(which) : eb.fn.max(which)).as('bound'))
      .executeTakeFirstOrThrow();
    // Without any row it is null.
    return bound === null ? undefined : Number(bound);
  }
}

const positionIn = (keys: RowKeys | undefined): Position | undefined => {
  const position = keys?.[0];
  return typeof position === 'number' ? position : undefined;
};

/** Undefined: whatever the stream. Of several restrictions only the streams that all of them name. */
const streamsOf = ({ stream, order, run }: AuditFilter): readonly string[] | undefined => {
  const named = [
    ...(stream === undefined ? [] : [[stream]]),
    ...(order === undefined ? [] : [streamsOfOrder(order)]),
    ...(run === undefined ? [] : [streamsOfRun(run)]),
  ];
  const [first, ...others] = named;
  return first?.filter((one) => others.every((streams) => streams.includes(one)));
};

const streamsOfOrder = (orderNo: string): readonly string[] => [
  orderCategory.stream(orderNo),
  ...Array.from({ length: MAX_PAYMENTS }, (_, index) => paymentCategory.stream(paymentNoOf(orderNo, index + 1))),
];

/** Without the streams of its segments: what is done to them follows from the lock books. */
const streamsOfRun = (run: RunId): readonly string[] => [
  runCategory.stream(run),
  runQueueCategory.stream(run),
  ...SEAT_CLASSES.map((seatClass) => lockBookCategory.stream({ ...run, seatClass })),
];
