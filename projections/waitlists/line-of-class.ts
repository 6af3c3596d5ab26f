// Who waits for seats of a class, in the order in which they are served.
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { type ClassId, className } from '@railhead/domain/train-run/stream.ts';
import { lineOf, type Waitlist, waitingIn } from '@railhead/domain/waitlist/fold.ts';
import type { Kysely } from 'kysely';
import type { SqlDialect } from '../engine/sql-dialect.ts';
import { chanceAt, daysLeftAt, type Outcome, placeGroupOf, trainKindOf } from './chance.ts';
import type { ChoiceView } from './waitlist-view.ts';
import type { WaitlistsTables } from './waitlists-tables.ts';

/** `position`: from 1. `choice`: of the request, from 0. `chance`: 0 to 1. */
export type ShownInLine = Pick<ChoiceView, 'from' | 'to' | 'until'> & {
  readonly seatClass: SeatClass;
  readonly position: number;
  readonly waitlistNo: string;
  readonly userId: string;
  readonly choice: number;
  readonly travellers: number;
  readonly since: string;
  readonly acceptStanding: boolean;
  readonly chance: number;
};

/** Somebody in a line: since when they wait (ms since the epoch), and of those of one instant by their number. */
export type LineCursor = { readonly sinceMs: number; readonly waitlistNo: string };

export type LineRow = LineCursor & { readonly waitlist: Waitlist; readonly position: number };

/**
 * At most `limit` of a line, behind a place in it. Positions are those of the whole line, counted in the same statement:
 * whoever leaves meanwhile cannot make them disagree.
 */
export const partOfLine = async (
  db: Kysely<WaitlistsTables>,
  dialect: SqlDialect,
  id: ClassId,
  { after, limit }: { readonly after: LineCursor | undefined; readonly limit: number },
): Promise<readonly LineRow[]> => {
  const line = db
    .selectFrom('waiting_lines')
    .select((row) => [
      'waitlist_no',
      'since',
      row.fn
        .agg<number>('row_number')
        .over((over) => over.orderBy('since').orderBy('waitlist_no'))
        .as('position_in_line'),
    ])
    .where('line', '=', className(id));
  let behind = db.selectFrom(line.as('placed')).selectAll();
  if (after !== undefined) {
    const since = dialect.toInstant(after.sinceMs);
    behind = behind.where((row) =>
      row.or([
        row('since', '>', since),
        row.and([row('since', '=', since), row('waitlist_no', '>', after.waitlistNo)]),
      ]),
    );
  }
  // The requests are looked up once the page is known: a line may be long.
  const page = behind.orderBy('position_in_line').limit(limit);
  const rows = await db
    .selectFrom(page.as('page'))
    .innerJoin('waitlists as request', 'request.waitlist_no', 'page.waitlist_no')
    .select(['request.waitlist', 'page.waitlist_no', 'page.since', 'page.position_in_line'])
    .orderBy('page.position_in_line')
    .execute();
  return rows.map(({ waitlist, waitlist_no, since, position_in_line }) => ({
    waitlistNo: waitlist_no,
    waitlist: dialect.fromJson(waitlist),
    sinceMs: dialect.fromInstant(since),
    position: Number(position_in_line),
  }));
};

/** What is known of those who once stood at such places. */
export const outcomesAt = async (
  db: Kysely<WaitlistsTables>,
  places: readonly number[],
): Promise<readonly Outcome[]> => {
  if (places.length === 0) return [];
  const rows = await db.selectFrom('waitlist_outcomes').selectAll().where('place', 'in', places).execute();
  return rows.map(({ train_kind, days_left, place, ended, served }) => ({
    ...{ trainKind: train_kind, daysLeft: days_left, place, ended, served },
  }));
};

/** Undefined for a request that does not wait in this line. `outcomes`: at least those of its place. */
export const shownInLine = (
  { waitlist, position }: Pick<LineRow, 'waitlist' | 'position'>,
  id: ClassId,
  outcomes: readonly Outcome[],
  nowMs: number,
): ShownInLine | undefined => {
  const { request, submittedAt } = waitlist;
  const waiting = waitingIn(waitlist).find((one) => lineOf(one) === className(id));
  if (request === undefined || waiting === undefined) return undefined;
  const { choice, of } = waiting;
  const { waitlistNo, userId, acceptStanding, passengers } = request;
  return {
    ...{ seatClass: id.seatClass, position, waitlistNo, userId, choice, from: of.fromStation, to: of.toStation },
    ...{ travellers: passengers.length, since: submittedAt, until: of.until, acceptStanding },
    chance: chanceOf(of, position, outcomes, nowMs),
  };
};

/** The chance at a place in the line of a train. */
export const chanceOf = (
  { train, until }: { readonly train: string; readonly until: string },
  position: number,
  outcomes: readonly Outcome[],
  nowMs: number,
): number => {
  const place = placeGroupOf(position);
  const at = { trainKind: trainKindOf(train), daysLeft: daysLeftAt(Date.parse(until), nowMs), place };
  return chanceAt(at, outcomes);
};
