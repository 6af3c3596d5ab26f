// calendar.txt and calendar_dates.txt: the dates on which trips run.
import type { SkippedRow } from '@railhead/commands/ports/timetable-source.ts';
import { dateOf } from './clock.ts';
import type { Feed } from './feed.ts';
import type { Spill } from './spill.ts';
import { badRow, type FeedProgress, type Row, readTable } from './table.ts';

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** ISO digits of the weekdays marked `1`; undefined if a mark is neither `0` nor `1`. */
const weekdaysOf = (row: Row): string | undefined => {
  const marks = WEEKDAYS.map((weekday) => row(weekday));
  if (marks.some((mark) => mark !== '0' && mark !== '1')) return undefined;
  return marks.map((mark, index) => (mark === '1' ? index + 1 : '')).join('');
};

async function* loadCalendar(feed: Feed, spill: Spill, progress: FeedProgress): AsyncGenerator<SkippedRow> {
  const insert = spill.db.prepare('INSERT OR IGNORE INTO services (id, since, until, weekdays) VALUES (?, ?, ?, ?)');
  const spec = { file: 'calendar.txt', columns: ['service_id', 'start_date', 'end_date', ...WEEKDAYS] };
  yield* readTable(feed, progress, spec, (row) => {
    const id = row('service_id');
    const since = dateOf(row('start_date'));
    const until = dateOf(row('end_date'));
    const weekdays = weekdaysOf(row);
    if (id === '') return badRow('no service_id');
    if (since === undefined || until === undefined) return badRow(`service ${id} has a date that is none`);
    if (weekdays === undefined) return badRow(`service ${id} has a weekday that is neither 0 nor 1`);
    return insert.run(id, since, until, weekdays).changes === 1 ? undefined : badRow(`service ${id} is there already`);
  });
}

async function* loadCalendarDates(feed: Feed, spill: Spill, progress: FeedProgress): AsyncGenerator<SkippedRow> {
  const service = spill.db.prepare("INSERT OR IGNORE INTO services (id, weekdays) VALUES (?, '')");
  const insert = spill.db.prepare('INSERT INTO service_dates SELECT key, ?, ? FROM services WHERE id = ?');
  const spec = { file: 'calendar_dates.txt', columns: ['service_id', 'date', 'exception_type'] };
  yield* readTable(feed, progress, spec, (row) => {
    const id = row('service_id');
    const date = dateOf(row('date'));
    const kind = row('exception_type');
    if (id === '') return badRow('no service_id');
    if (date === undefined) return badRow(`service ${id} has a date that is none`);
    if (kind !== '1' && kind !== '2') return badRow(`service ${id} has exception_type ${kind.slice(0, 8)}`);
    service.run(id);
    insert.run(date, kind === '1' ? 1 : 0, id);
    return undefined;
  });
}

export async function* loadServices(feed: Feed, spill: Spill, progress: FeedProgress): AsyncGenerator<SkippedRow> {
  yield* loadCalendar(feed, spill, progress);
  yield* loadCalendarDates(feed, spill, progress);
  spill.db.exec('CREATE INDEX service_dates_by_service ON service_dates (service)');
}
