// Which of the trains and stations that somebody names the timetable has. A name that was found is remembered: what was
// published once stays in the log.
import { stationCategory, trainCategory } from '@railhead/domain/timetable/stream.ts';
import type { EventStore } from '../ports/event-store.ts';

export type TimetableNames = { readonly trains: readonly string[]; readonly stations: readonly string[] };

/** Each is the first event of a stream. */
const READS_AT_ONCE = 64;
const MOST_REMEMBERED = 100_000;
/** A store may count events of other categories as read. */
const EVENTS_AT_ONCE = 1_000;

export class NamedInTimetable {
  readonly #store: Pick<EventStore, 'readStream' | 'readAll'>;
  readonly #found = new Set<string>();

  constructor(store: Pick<EventStore, 'readStream' | 'readAll'>) {
    this.#store = store;
  }

  /** Those that it does not have, each once. */
  async unknownAmong({ trains, stations }: TimetableNames): Promise<TimetableNames> {
    return {
      trains: await this.#unknown(trains, trainCategory.stream),
      stations: await this.#unknown(stations, stationCategory.stream),
    };
  }

  /** Has any train been published? Before that no name can be told from a slip. */
  async hasTimetable(): Promise<boolean> {
    for (let after = 0; ; ) {
      const page = await this.#store.readAll({ after, limit: EVENTS_AT_ONCE, categories: [trainCategory.name] });
      if (page.events.length > 0) return true;
      if (page.caughtUp) return false;
      after = page.position;
    }
  }

  async #unknown(names: readonly string[], streamOf: (name: string) => string): Promise<readonly string[]> {
    const asked = [...new Set(names)].filter((name) => !this.#found.has(streamOf(name)));
    const unknown: string[] = [];
    for (let start = 0; start < asked.length; start += READS_AT_ONCE)
      await Promise.all(
        asked.slice(start, start + READS_AT_ONCE).map(async (name) => {
          const [first] = await this.#store.readStream(streamOf(name), { limit: 1 });
          if (first === undefined) unknown.push(name);
          else this.#remember(streamOf(name));
        }),
      );
    // In the order in which they were named, whichever answer came first.
    return asked.filter((name) => unknown.includes(name));
  }

  #remember(stream: string): void {
    if (this.#found.size >= MOST_REMEMBERED) this.#found.clear();
    this.#found.add(stream);
  }
}
