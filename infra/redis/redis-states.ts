// States of read models in Redis. Nothing waits for a connection that is not there, and nothing waits long for an answer.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { Place } from '@railhead/projections/engine/model-place.ts';
import type { Shared } from '@railhead/projections/engine/read-database.ts';
import type { Stranger } from '@railhead/projections/engine/sorted-batch.ts';
import {
  type Fence,
  type NamesPage,
  type StateChanges,
  type StatePlace,
  type StateStore,
  StatesAway,
  type StatesRead,
} from '@railhead/projections/engine/state-store.ts';
import { Redis } from 'ioredis';
import { newOwner } from '../system/owner.ts';
import { redisAddress } from './address.ts';
import { DROP, FREE, MOVE, NAMES, PLACE_FIELDS, PREPARE, STATE, STRANGER, STRANGERS, TAKE } from './scripts.ts';

export const CONNECT_MS = 3_000;
/** After so long without an answer the connection is made anew, and whatever waits for it is told. */
const ANSWER_MS = 3_000;
/** A connection that is closed may end in order for so long. */
const CLOSE_MS = 100;
/** More that wait for an answer are told at once. */
const MAX_WAITING = 2_000;
const LONGEST_PAUSE_MS = 1_000;
/** Epochs begin anywhere, so that a Redis that was emptied is never taken for what it was before. */
const FIRST_EPOCHS = 2 ** 40;

type Argument = string | number | Buffer;

export class RedisStates implements StateStore {
  readonly shared: Shared;
  readonly #client: Redis;
  readonly #prefix: string;
  readonly #logger: Logger;
  #waiting = 0;
  #isClosed = false;
  /** All that wait for a connection wait for this. */
  #connecting: Promise<void> | undefined;
  /** Has the first attempt to connect ended? */
  #hasTried = false;
  /** What the connection said last, for those who find it closed. */
  #said = 'no connection yet';
  /** Why the last read failed, and why the last write did. */
  readonly #failures = { read: undefined as string | undefined, write: undefined as string | undefined };

  constructor(url: string, { clock, logger }: { readonly clock: Pick<Clock, 'after'>; readonly logger: Logger }) {
    const { prefix, ...address } = redisAddress(url);
    this.shared = { owner: newOwner(), clock };
    this.#prefix = prefix;
    this.#logger = logger;
    this.#client = new Redis({ ...address, ...PATIENCE, connectionName: 'railhead' });
    this.#client.on('error', (error: Error) => {
      this.#said = kindOf(error);
    });
    this.#client.on('ready', () => {
      this.#said = 'the connection has ended';
    });
  }

  get failure(): string | undefined {
    return this.#failures.write ?? this.#failures.read;
  }

  async prepare(model: string, version: number): Promise<number | undefined> {
    await this.#connected();
    const first = randomInt(1, FIRST_EPOCHS);
    const found = await this.#run('write', PREPARE, model, [version, first]);
    const stored = found === null ? undefined : Number(found);
    if (stored === undefined || stored === version) return stored;
    const told = { model, storedVersion: stored, version };
    if (stored < version) this.#logger.warn(told, 'a read model was stored in another version; it is built again');
    else this.#logger.error(told, 'a newer program has made a read model; this one leaves it alone');
    return stored;
  }

  async read(model: string, names: readonly string[]): Promise<StatesRead> {
    const fields = [...PLACE_FIELDS, ...names.map((name) => STATE + name)];
    const found = await this.#ask('read', () => this.#client.hmgetBuffer(this.#key(model), ...fields));
    const [place, states] = [found.slice(0, PLACE_FIELDS.length), found.slice(PLACE_FIELDS.length)];
    return { place: placeFrom(place), values: states.map((value) => value ?? undefined) };
  }

  async strangers(model: string): Promise<readonly Stranger[]> {
    // Safe casts: a script of ours, which gives names and values that `move` has written.
    const found = (await this.#run('read', STRANGERS, model, [])) as string[];
    return found.filter((_, index) => index % 2 === 1).map((text) => JSON.parse(text) as Stranger);
  }

  async names(model: string, after = '0'): Promise<NamesPage> {
    // Safe cast: a script of ours, which gives a cursor and names.
    const [next = '0', ...names] = (await this.#run('read', NAMES, model, [after])) as string[];
    return { names: names.map((name) => name.slice(STATE.length)), next: next === '0' ? undefined : next };
  }

  async take(model: string, { version, owner, epoch, beat, position }: StatePlace): Promise<boolean> {
    return (await this.#run('write', TAKE, model, [version, owner, epoch, beat, position, this.shared.owner])) === 1;
  }

  async free(model: string, epoch: number): Promise<void> {
    await this.#run('write', FREE, model, [this.shared.owner, epoch]);
  }

  async move(model: string, fence: Fence, place: Place, changes?: StateChanges): Promise<boolean> {
    const fields: Argument[] = [];
    for (const [name, { buffer, byteOffset, byteLength }] of changes?.states ?? [])
      fields.push(STATE + name, Buffer.from(buffer, byteOffset, byteLength));
    for (const { stream, type, version, position } of changes?.strangers ?? [])
      fields.push(STRANGER + stream, JSON.stringify({ stream, type, version, position }));
    const to = [place.position, place.fingerprint];
    return (await this.#run('write', MOVE, model, [...fencedBy(fence), ...to, ...fields])) === 1;
  }

  async drop(model: string, fence: Fence): Promise<boolean> {
    return (await this.#run('write', DROP, model, fencedBy(fence))) === 1;
  }

  async size(model: string): Promise<{ readonly rows: number; readonly bytes: number }> {
    const key = this.#key(model);
    const [rows, bytes] = await this.#ask('read', () =>
      Promise.all([this.#client.hlen(key), this.#client.memory('USAGE', key)]),
    );
    return { rows, bytes: bytes ?? 0 };
  }

  async remove(model: string): Promise<void> {
    await this.#ask('write', () => this.#client.unlink(this.#key(model)));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#client.status !== 'end') this.#client.disconnect();
  }

  #key(model: string): string {
    return this.#prefix + model;
  }

  #run(kind: 'read' | 'write', script: string, model: string, values: readonly Argument[]): Promise<unknown> {
    return this.#ask(kind, () => this.#client.eval(script, 1, this.#key(model), ...values));
  }

  async #ask<Answer>(kind: 'read' | 'write', question: () => Promise<Answer>): Promise<Answer> {
    if (this.#waiting >= MAX_WAITING) throw new StatesAway('too many wait for an answer');
    this.#waiting += 1;
    try {
      if (!this.#hasTried) await this.#connected();
      const answer = await question();
      this.#failures[kind] = undefined;
      // Where it can be written it can be read.
      if (kind === 'write') this.#failures.read = undefined;
      return answer;
    } catch (error) {
      const why = this.#client.status === 'ready' ? kindOf(error) : this.#said;
      this.#failures[kind] = why;
      throw new StatesAway(why, error);
    } finally {
      this.#waiting -= 1;
    }
  }

  /** Waits for the connection, but not long. What then is asked says why there is none. */
  #connected(): Promise<void> {
    this.#connecting ??= this.#connect().finally(() => {
      this.#hasTried = true;
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #connect(): Promise<void> {
    if (this.#client.status === 'ready' || this.#isClosed) return;
    const over = new AbortController();
    const timer = setTimeout(() => over.abort(), CONNECT_MS);
    const tries = ['ready', 'close', 'end'].map((event) => once(this.#client, event, { signal: over.signal }));
    await Promise.race(tries).catch(() => {});
    clearTimeout(timer);
    over.abort();
    await Promise.allSettled(tries);
  }
}

/** Options of the driver: it keeps no queue, and sends nothing twice. */
export const PATIENCE = {
  connectTimeout: CONNECT_MS,
  disconnectTimeout: CLOSE_MS,
  commandTimeout: ANSWER_MS,
  socketTimeout: ANSWER_MS,
  // What every Redis speaks.
  protocol: 2,
  disableClientInfo: true,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: (times: number) => Math.min(LONGEST_PAUSE_MS, 50 * 2 ** Math.min(times, 10)),
} as const;

/** What went wrong, without addresses and names: whoever asks for trains is told as well. */
const kindOf = (error: unknown): string => {
  const { code } = partsOf(error);
  const said = saidBy(error);
  // Redis begins what it says with such a word.
  return code ?? /^[A-Z]{2,}\b/.exec(said)?.[0] ?? said;
};

export const saidBy = (error: unknown): string => {
  const { code, message = '' } = partsOf(error);
  return message === '' ? (code ?? String(error)) : message;
};

const partsOf = (error: unknown): { readonly code?: string; readonly message?: string } => {
  if (typeof error !== 'object' || error === null) return {};
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }; // of whatever type
  return {
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof message === 'string' ? { message } : {}),
  };
};

const fencedBy = ({ version, owner, epoch, from }: Fence): readonly Argument[] => [version, owner, epoch, from];

const placeFrom = (fields: readonly (Buffer | null)[]): StatePlace | undefined => {
  const [version, owner = '', epoch, beat, position, fingerprint = ''] = fields.map((field) => field?.toString());
  if (version === undefined) return undefined;
  const numbers = { version: Number(version), epoch: Number(epoch), beat: Number(beat), position: Number(position) };
  return { ...numbers, owner, fingerprint };
};
