// Stations as the endpoints ask for them: a search server answers where there is one, and the embedded index where that
// is away, slow or behind.
import type { IncomingMessage } from 'node:http';
import type { Position } from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { Problem } from '@railhead/http/problem.ts';
import type { GrowingPause } from '@railhead/projections/engine/growing-pause.ts';
import type { ReadGate } from '@railhead/projections/engine/position-gate.ts';
import type { ProjectionRunner } from '@railhead/projections/engine/projection-runner.ts';
import type { EmbeddedStations } from '@railhead/projections/station-search/embedded-stations.ts';
import type { FoundStation } from '@railhead/projections/station-search/station-index.ts';
import type { StationQueries } from '@railhead/projections/station-search/station-search-model.ts';
import type { TimetableQueries } from '@railhead/projections/timetable/timetable-queries.ts';
import { askModel, type Model, positionAskedFor } from '../read-models.ts';
import type { StationReads } from './station-reads.ts';

/** An index beside this process, and what feeds it. */
export type ServedIndex = {
  readonly queries: StationQueries;
  readonly feed: Pick<ProjectionRunner, 'isReady' | 'unreadable'> & { readonly gate: Pick<ReadGate, 'position'> };
  /** Another generation has just taken over: it is waited for before it is asked. */
  readonly moving: Promise<void> | undefined;
};

/** `now`: the index that is read at this moment. `pause`: how long it is left alone after a failure. */
export type StationServer = {
  readonly now: () => ServedIndex;
  readonly pause: GrowingPause;
  readonly logger: Logger;
};

/** Stations that are named in a problem. */
const MAX_CANDIDATES = 20;

/** A station without a city is one of its own. */
const cityOf = ({ city, code }: FoundStation): string => city || code;

export class StationSearch implements StationReads {
  readonly #timetable: Model<TimetableQueries>;
  readonly #embedded: EmbeddedStations;
  readonly #server: StationServer | undefined;
  /** The server answers with everything up to here: that the embedded index had when it answered in its place. */
  #serverHas: Position | undefined;

  constructor(timetable: Model<TimetableQueries>, embedded: EmbeddedStations, server?: StationServer) {
    this.#timetable = timetable;
    this.#embedded = embedded;
    this.#server = server;
  }

  async find(request: IncomingMessage, text: string, limit: number): Promise<readonly FoundStation[]> {
    const answered = await this.#byServer(request, text, limit);
    if (answered !== undefined) return answered;
    this.#serverHas = undefined;
    return askModel(request, this.#timetable, async (queries) =>
      (await this.#indexOf(queries, request)).search(text, limit),
    );
  }

  async place(request: IncomingMessage, queries: TimetableQueries, text: string): Promise<readonly string[]> {
    const codes = await queries.place(text);
    if (codes.length > 0) return codes;
    const called = text.startsWith('city:') ? [] : (await this.#indexOf(queries, request)).named(text);
    if (called.length === 0) throw new Problem('STATION_UNKNOWN', `no station or city is called ${text}`);
    if (new Set(called.map(cityOf)).size > 1) {
      // One of each city first, so that none is left out for the many of another.
      const cities = new Map([...called].reverse().map((station) => [cityOf(station), station]));
      const first = new Set([...called.filter((station) => cities.get(cityOf(station)) === station), ...called]);
      const candidates = [...first].slice(0, MAX_CANDIDATES).map(({ code, name, city }) => ({ code, name, city }));
      throw new Problem('AMBIGUOUS_STATION', `stations of several cities are called ${text}`, { candidates });
    }
    return called.map(({ code }) => code);
  }

  #indexOf(queries: TimetableQueries, request: IncomingMessage): ReturnType<EmbeddedStations['index']> {
    return this.#embedded.index(queries, positionAskedFor(request) !== undefined);
  }

  async #byServer(request: IncomingMessage, text: string, limit: number): Promise<readonly FoundStation[] | undefined> {
    const position = positionAskedFor(request);
    if (this.#server === undefined) return undefined;
    const { now, pause, logger } = this.#server;
    const { queries, feed, moving } = now();
    if (!pause.isOver || queries === undefined || !feed.isReady || feed.unreadable !== undefined) return undefined;
    await moving;
    if (position !== undefined && feed.gate.position < position) return undefined;
    try {
      this.#serverHas ??= feed.gate.position;
      const found = await queries.search(text, limit, Math.max(position ?? 0, this.#serverHas));
      pause.end();
      return found;
    } catch (error) {
      // Whatever it is, the embedded index knows the answer.
      if (pause.isOver)
        logger.warn({ err: error }, 'the search server does not find stations; they are found without it');
      pause.begin();
      return undefined;
    }
  }
}
