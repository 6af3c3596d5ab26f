// Which days of the sale were opened whole. A start asks this first: asking the log about each run of each day takes a
// large railway many seconds. What is remembered is believed only with proof that it belongs to this log.
import { hash } from 'node:crypto';
import { bearsOut, type EventStore, type Position } from '../ports/event-store.ts';
import type { Snapshots } from '../ports/snapshots.ts';

type OpenedDay = { readonly trains: string; readonly position: Position; readonly fingerprint: string };

const nameOf = (date: string): string => `openedDay-${date}`;

const digestOf = (trains: readonly string[]): string => hash('sha256', JSON.stringify([...trains].sort()), 'base64url');

export class OpenedDays {
  readonly #snapshots: Snapshots;
  readonly #log: Pick<EventStore, 'fingerprintAt' | 'lastPosition'>;

  constructor(snapshots: Snapshots, log: Pick<EventStore, 'fingerprintAt' | 'lastPosition'>) {
    this.#snapshots = snapshots;
    this.#log = log;
  }

  /** Were the runs of exactly these trains opened? False if it is not known. */
  async areOpen(date: string, trains: readonly string[]): Promise<boolean> {
    const day = parsed(await this.#snapshots.load(nameOf(date)));
    return day !== undefined && day.trains === digestOf(trains) && (await bearsOut(this.#log, day));
  }

  /** The log has the runs of these trains now. */
  async remember(date: string, trains: readonly string[]): Promise<void> {
    const position = await this.#log.lastPosition();
    const fingerprint = (await this.#log.fingerprintAt(position)) ?? '';
    const day: OpenedDay = { trains: digestOf(trains), position, fingerprint };
    await this.#snapshots.save(nameOf(date), JSON.stringify(day));
  }
}

/** A snapshot is a cache: what cannot be read was not remembered. */
const parsed = (text: string | undefined): OpenedDay | undefined => {
  if (text === undefined) return undefined;
  try {
    const day: unknown = JSON.parse(text);
    return isDay(day) ? day : undefined;
  } catch {
    return undefined;
  }
};

const isDay = (day: unknown): day is OpenedDay =>
  typeof day === 'object' &&
  day !== null &&
  'trains' in day &&
  'position' in day &&
  typeof day.position === 'number' &&
  'fingerprint' in day &&
  typeof day.fingerprint === 'string';
