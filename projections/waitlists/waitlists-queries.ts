import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { ClassId } from '@railhead/domain/train-run/stream.ts';
import { lineOf, type Waitlist, waitingIn } from '@railhead/domain/waitlist/fold.ts';
import type { Kysely } from 'kysely';
import type { SqlDialect } from '../engine/sql-dialect.ts';
import { placeGroupOf } from './chance.ts';
import {
  chanceOf,
  type LineCursor,
  type LineRow,
  outcomesAt,
  partOfLine,
  placeInLine,
  type ShownInLine,
  shownInLine,
  storedTurn,
  turnIn,
} from './line-of-class.ts';
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

/** Somebody in the line of a class of a run. */
export type LinesCursor = LineCursor & { readonly seatClass: SeatClass };
/** `next`: the next page comes after them; undefined after the last one. */
export type PageOfLines = { readonly waiting: readonly ShownInLine[]; readonly next: LinesCursor | undefined };

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

  /**
   * Who waits for these classes, one after the other, each in the order in which it is served. `after`: the last of the page
   * before, in the line of its class.
   */
  async inLines(
    classes: readonly ClassId[],
    { after, limit }: { readonly after: LinesCursor | undefined; readonly limit: number },
    nowMs: number,
  ): Promise<PageOfLines> {
    const first = after === undefined ? 0 : classes.findIndex(({ seatClass }) => seatClass === after.seatClass);
    const found: { readonly id: ClassId; readonly one: LineRow }[] = [];
    for (const id of classes.slice(first)) {
      const behind = after?.seatClass === id.seatClass ? after : undefined;
      const part = await partOfLine(this.#db, this.#dialect, id, { after: behind, limit: limit + 1 - found.length });
      found.push(...part.map((one) => ({ id, one })));
      if (found.length > limit) break;
    }
    const page = found.slice(0, limit);
    const outcomes = await outcomesAt(this.#db, [...new Set(page.map(({ one }) => placeGroupOf(one.position)))]);
    const last = found.length > limit ? page.at(-1) : undefined;
    return {
      waiting: page.flatMap(({ id, one }) => shownInLine(one, id, outcomes, nowMs) ?? []),
      next: last && {
        ...turnIn(last.one.waitlist),
        seatClass: last.id.seatClass,
        waitlistNo: last.one.waitlistNo,
      },
    };
  }

  /** Only while it waits. */
  async #placesOf(waitlist: Waitlist, nowMs: number): Promise<readonly PlaceInLine[]> {
    if (waitlist.status !== 'MATCHING' || waitlist.request === undefined) return [];
    const { waitlistNo } = waitlist.request;
    const turn = storedTurn(this.#dialect, turnIn(waitlist));
    const places: PlaceInLine[] = [];
    for (const { choice, seatClass, of } of waitingIn(waitlist)) {
      const line = lineOf({ of, seatClass });
      const position = await placeInLine(this.#db, { line, turn, waitlistNo });
      const { waiting } = await this.#db
        .selectFrom('waiting_lines')
        .select((row) => row.fn.countAll<number>().as('waiting'))
        .where('line', '=', line)
        .executeTakeFirstOrThrow();
      const outcomes = await outcomesAt(this.#db, [placeGroupOf(position)]);
      const chance = chanceOf(of, position, outcomes, nowMs);
      places.push({ choice, seatClass, position, waiting: Number(waiting), chance });
    }
    return places;
  }
}
