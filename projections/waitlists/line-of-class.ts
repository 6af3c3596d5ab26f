// Who waits for seats of a class, in the order in which they are served.
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { type ClassId, className } from '@railhead/domain/train-run/stream.ts';
import { lineOf, type Waitlist, waitingIn } from '@railhead/domain/waitlist/fold.ts';
import { type Turn, turnOf, type WaitlistPriority } from '@railhead/domain/waitlist-priorities/priority.ts';
import type { Expression, ExpressionBuilder, Kysely, SqlBool } from 'kysely';
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
  readonly priority?: WaitlistPriority;
};

/** Somebody in a line. */
export type LineCursor = Turn & { readonly waitlistNo: string };

export type LineRow = { readonly waitlistNo: string; readonly waitlist: Waitlist; readonly position: number };

type Lines = WaitlistsTables['waiting_lines'];
type StoredTurn = Pick<Lines, 'counts_from' | 'priority_rank' | 'since'>;
type StoredPlace = { readonly turn: StoredTurn; readonly waitlistNo: string };

/** What decides a place, as the line of the lock book has it. */
export const turnIn = ({ request, submittedAt }: Waitlist): Turn => turnOf(submittedAt, request?.priority);

export const storedTurn = (dialect: SqlDialect, { countsFromMs, rank, sinceMs }: Turn): StoredTurn => ({
  counts_from: dialect.toInstant(countsFromMs),
  priority_rank: rank,
  since: dialect.toInstant(sinceMs),
});

/** Those ahead of a place (`<`), or behind it (`>`): by `compare` of the lock book's line. */
const beside = (
  row: ExpressionBuilder<{ readonly in_line: Lines }, 'in_line'>,
  side: '<' | '>',
  { turn: { counts_from, priority_rank, since }, waitlistNo }: StoredPlace,
): Expression<SqlBool> => {
  const sameTime = row('counts_from', '=', counts_from);
  const sameRank = row('priority_rank', '=', priority_rank);
  return row.or([
    row('counts_from', side, counts_from),
    row.and([sameTime, row('priority_rank', side === '<' ? '>' : '<', priority_rank)]),
    row.and([sameTime, sameRank, row('since', side, since)]),
    row.and([sameTime, sameRank, row('since', '=', since), row('waitlist_no', side, waitlistNo)]),
  ]);
};

/** Its place in the line, from 1, whether it has joined or is about to. */
export const placeInLine = async (
  db: Kysely<WaitlistsTables>,
  { line, ...place }: StoredPlace & { readonly line: string },
): Promise<number> => {
  const { ahead } = await db
    .selectFrom('waiting_lines as in_line')
    .select((row) => row.fn.countAll<number>().as('ahead'))
    .where('line', '=', line)
    .where('counts_from', '<=', place.turn.counts_from)
    .where((row) => beside(row, '<', place))
    .executeTakeFirstOrThrow();
  return Number(ahead) + 1;
};

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
    .selectAll()
    .select((row) =>
      row.fn
        .agg<number>('row_number')
        .over((over) =>
          over.orderBy('counts_from').orderBy('priority_rank', 'desc').orderBy('since').orderBy('waitlist_no'),
        )
        .as('position_in_line'),
    )
    .where('line', '=', className(id));
  let behind = db.selectFrom(line.as('in_line')).selectAll();
  if (after !== undefined) {
    const { waitlistNo } = after;
    const turn = storedTurn(dialect, after);
    behind = behind.where((row) => beside(row, '>', { turn, waitlistNo }));
  }
  // The requests are looked up once the page is known: a line may be long.
  const page = behind.orderBy('position_in_line').limit(limit);
  const rows = await db
    .selectFrom(page.as('page'))
    .innerJoin('waitlists as request', 'request.waitlist_no', 'page.waitlist_no')
    .select(['request.waitlist', 'page.waitlist_no', 'page.position_in_line'])
    .orderBy('page.position_in_line')
    .execute();
  return rows.map(({ waitlist, waitlist_no, position_in_line }) => ({
    waitlistNo: waitlist_no,
    waitlist: dialect.fromJson(waitlist),
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
  const { waitlistNo, userId, acceptStanding, passengers, priority } = request;
  return {
    ...{ seatClass: id.seatClass, position, waitlistNo, userId, choice, from: of.fromStation, to: of.toStation },
    ...{ travellers: passengers.length, since: submittedAt, until: of.until, acceptStanding },
    chance: chanceOf(of, position, outcomes, nowMs),
    ...(priority === undefined ? {} : { priority }),
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
