// Waitlist requests: by number, by user, and in the lines of the classes in which they wait.
import { maskPassenger } from '@railhead/commands/orders/masking.ts';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { NotUnderstood } from '@railhead/commands/streams/understood.ts';
import type { Recorded } from '@railhead/domain/kernel/event.ts';
import type { WaitlistEvent } from '@railhead/domain/waitlist/events.ts';
import {
  absentWaitlist,
  evolve,
  lineOf,
  servedLine,
  type Waitlist,
  waitingIn,
} from '@railhead/domain/waitlist/fold.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import { pagesOf } from '../engine/pages.ts';
import { sqlModel } from '../engine/sql-model.ts';
import type { ModelWriter, SqlHandler } from '../engine/sql-projection.ts';
import { daysLeftAt, placeGroupOf, trainKindOf } from './chance.ts';
import { placeInLine, storedTurn, turnIn } from './line-of-class.ts';
import { WaitlistsQueries } from './waitlists-queries.ts';
import { type WaitlistsTables, waitlistsTables } from './waitlists-tables.ts';

type Writer = ModelWriter<WaitlistsTables>;
type Known = { readonly waitlist: Waitlist; readonly position: number };

const applyToWaitlists: SqlHandler<WaitlistsTables> = async (writer, { events }) => {
  const known = await knownAmong(writer, events);
  for (const event of events) {
    if (!waitlistCategory.owns(event)) throw new NotUnderstood(event);
    const waitlistNo = waitlistCategory.idOf(event.stream);
    const before = known.get(waitlistNo);
    const waitlist = evolve(before?.waitlist ?? absentWaitlist, masked(event));
    known.set(waitlistNo, { waitlist, position: before?.position ?? event.position });
    // One after another: a place in the line depends on who joined and left before.
    if (event.type === 'WaitlistPrepaid') await join(writer, waitlistNo, waitlist, Date.parse(event.meta.at));
    if (event.type === 'WaitlistSeatsLocked' || event.type === 'WaitlistFailed')
      await leave(writer, waitlistNo, waitlist);
  }
  const { dialect } = writer;
  await writer.upsert(
    'waitlists',
    [...known].map(([waitlistNo, { waitlist, position }]) => ({
      waitlist_no: waitlistNo,
      user_id: waitlist.request?.userId ?? '',
      status: waitlist.status,
      position,
      waitlist: dialect.toJson(waitlist),
    })),
  );
  return undefined;
};

const masked = (event: Recorded<WaitlistEvent>): Recorded<WaitlistEvent> =>
  event.type === 'WaitlistSubmitted'
    ? { ...event, data: { ...event.data, passengers: event.data.passengers.map(maskPassenger) } }
    : event;

const knownAmong = async ({ trx, dialect }: Writer, events: readonly RecordedEvent[]): Promise<Map<string, Known>> => {
  const known = new Map<string, Known>();
  const numbers = [...new Set(events.map(({ stream }) => waitlistCategory.idOf(stream)))];
  for (const page of pagesOf(numbers, dialect.maxParameters)) {
    const rows = await trx.selectFrom('waitlists').selectAll().where('waitlist_no', 'in', page).execute();
    for (const { waitlist_no, waitlist, position } of rows)
      known.set(waitlist_no, { waitlist: dialect.fromJson(waitlist), position });
  }
  return known;
};

const join = async (writer: Writer, waitlistNo: string, waitlist: Waitlist, nowMs: number): Promise<void> => {
  const { trx, dialect } = writer;
  const turn = storedTurn(dialect, turnIn(waitlist));
  for (const { of, seatClass } of waitingIn(waitlist)) {
    const line = lineOf({ of, seatClass });
    const place = await placeInLine(trx, { line, turn, waitlistNo });
    await writer.upsert('waiting_lines', [
      {
        line,
        waitlist_no: waitlistNo,
        ...turn,
        train_kind: trainKindOf(of.train),
        days_left: daysLeftAt(Date.parse(of.until), nowMs),
        place: placeGroupOf(place),
      },
    ]);
  }
};

/** Who gives up, and who was served elsewhere, says nothing of the chances in a line. */
const leave = async (writer: Writer, waitlistNo: string, waitlist: Waitlist): Promise<void> => {
  const { trx } = writer;
  const rows = await trx.selectFrom('waiting_lines').selectAll().where('waitlist_no', '=', waitlistNo).execute();
  if (rows.length === 0) return;
  await trx.deleteFrom('waiting_lines').where('waitlist_no', '=', waitlistNo).execute();
  const served = servedLine(waitlist);
  if (served === undefined && waitlist.failReason !== 'DEADLINE') return;
  for (const row of rows)
    if (served === undefined || row.line === served) await count(writer, row, row.line === served);
};

const count = async (
  { trx, upsert }: Writer,
  { train_kind, days_left, place }: WaitlistsTables['waiting_lines'],
  isServed: boolean,
): Promise<void> => {
  const before = await trx
    .selectFrom('waitlist_outcomes')
    .selectAll()
    .where('train_kind', '=', train_kind)
    .where('days_left', '=', days_left)
    .where('place', '=', place)
    .executeTakeFirst();
  const { ended = 0, served = 0 } = before ?? {};
  await upsert('waitlist_outcomes', [
    { train_kind, days_left, place, ended: ended + 1, served: served + (isServed ? 1 : 0) },
  ]);
};

export const waitlistsModel = sqlModel<WaitlistsTables, WaitlistsQueries>({
  name: 'waitlists',
  version: 2,
  categories: [waitlistCategory],
  tables: waitlistsTables,
  handler: () => applyToWaitlists,
  queries: (db, dialect) => new WaitlistsQueries(db, dialect),
});
