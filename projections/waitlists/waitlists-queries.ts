import { lineOf, type Waitlist, waitingIn } from '@railhead/domain/waitlist/fold.ts';
import { turnOf } from '@railhead/domain/waitlist-priorities/priority.ts';
import type { Kysely } from 'kysely';
import type { SqlDialect } from '../engine/sql-dialect.ts';
import { chanceAt, daysLeftAt, placeGroupOf, trainKindOf } from './chance.ts';
import { type WaitlistView, waitlistView } from './waitlist-view.ts';
import type { WaitlistsTables } from './waitlists-tables.ts';

/** Where a request stands in the line of one of its choices: from 1, of so many. `chance`: 0 to 1. */
export type PlaceInLine = {
  readonly choice: number;
  readonly seatClass: string;
  readonly position: number;
  readonly waiting: number;
  readonly chance: number;
};

export type ShownWaitlist = { readonly view: WaitlistView; readonly places: readonly PlaceInLine[] };

export type PageOfWaitlists = { readonly waitlists: readonly WaitlistView[]; readonly nextCursor: number | undefined };

type StoredTurn = Pick<WaitlistsTables['waiting_lines'], 'counts_from' | 'priority_rank' | 'since'>;
type InLine = { readonly line: string; readonly turn: StoredTurn; readonly waitlistNo: string };

/** What decides its place, as the line of the lock book has it. */
export const storedTurn = (dialect: SqlDialect, { request, submittedAt }: Waitlist): StoredTurn => {
  const { countsFromMs, rank, sinceMs } = turnOf(submittedAt, request?.priority);
  return {
    counts_from: dialect.toInstant(countsFromMs),
    priority_rank: rank,
    since: dialect.toInstant(sinceMs),
  };
};

/** Its place in the line, from 1, whether it has joined or is about to: by `compare` of the lock book's line. */
export const placeInLine = async (
  db: Kysely<WaitlistsTables>,
  { line, turn: { counts_from, priority_rank, since }, waitlistNo }: InLine,
): Promise<number> => {
  const { ahead } = await db
    .selectFrom('waiting_lines')
    .select((row) => row.fn.countAll<number>().as('ahead'))
    .where('line', '=', line)
    .where('counts_from', '<=', counts_from)
    .where((row) => {
      const sameTime = row('counts_from', '=', counts_from);
      const sameRank = row('priority_rank', '=', priority_rank);
      return row.or([
        row('counts_from', '<', counts_from),
        row.and([sameTime, row('priority_rank', '>', priority_rank)]),
        row.and([sameTime, sameRank, row('since', '<', since)]),
        row.and([sameTime, sameRank, row('since', '=', since), row('waitlist_no', '<', waitlistNo)]),
      ]);
    })
    .executeTakeFirstOrThrow();
  return Number(ahead) + 1;
};

export class WaitlistsQueries {
  readonly #db: Kysely<WaitlistsTables>;
  readonly #dialect: SqlDialect;

  constructor(db: Kysely<WaitlistsTables>, dialect: SqlDialect) {
    this.#db = db;
    this.#dialect = dialect;
  }

  async byNumber(waitlistNo: string, nowMs: number): Promise<ShownWaitlist | undefined> {
    const row = await this.#db
      .selectFrom('waitlists')
      .select('waitlist')
      .where('waitlist_no', '=', waitlistNo)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const waitlist = this.#dialect.fromJson(row.waitlist);
    const view = waitlistView(waitlist);
    return view === undefined ? undefined : { view, places: await this.#placesOf(waitlist, nowMs) };
  }

  /** Newest first. */
  async byUser(
    userId: string,
    { cursor, limit }: { readonly cursor?: number | undefined; readonly limit: number },
  ): Promise<PageOfWaitlists> {
    let query = this.#db.selectFrom('waitlists').select(['position', 'waitlist']).where('user_id', '=', userId);
    if (cursor !== undefined) query = query.where('position', '<', cursor);
    const rows = await query
      .orderBy('position', 'desc')
      .limit(limit + 1)
      .execute();
    const page = rows.slice(0, limit);
    return {
      waitlists: page.flatMap((row) => waitlistView(this.#dialect.fromJson(row.waitlist)) ?? []),
      nextCursor: rows.length > limit ? page.at(-1)?.position : undefined,
    };
  }

  /** Only while it waits. */
  async #placesOf(waitlist: Waitlist, nowMs: number): Promise<readonly PlaceInLine[]> {
    if (waitlist.status !== 'MATCHING' || waitlist.request === undefined) return [];
    const { waitlistNo } = waitlist.request;
    const turn = storedTurn(this.#dialect, waitlist);
    const places: PlaceInLine[] = [];
    for (const { choice, seatClass, of } of waitingIn(waitlist)) {
      const line = lineOf({ of, seatClass });
      const position = await placeInLine(this.#db, { line, turn, waitlistNo });
      const place = placeGroupOf(position);
      const { waiting } = await this.#db
        .selectFrom('waiting_lines')
        .select((row) => row.fn.countAll<number>().as('waiting'))
        .where('line', '=', line)
        .executeTakeFirstOrThrow();
      const outcomes = await this.#db.selectFrom('waitlist_outcomes').selectAll().where('place', '=', place).execute();
      const at = { trainKind: trainKindOf(of.train), daysLeft: daysLeftAt(Date.parse(of.until), nowMs), place };
      const known = outcomes.map((row) => ({
        trainKind: row.train_kind,
        daysLeft: row.days_left,
        place: row.place,
        ended: row.ended,
        served: row.served,
      }));
      places.push({ choice, seatClass, position, waiting: Number(waiting), chance: chanceAt(at, known) });
    }
    return places;
  }
}
