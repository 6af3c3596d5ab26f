// The replays of this process, as operators see them: how far each is, what it would take, and how it compares.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pause, timestampOf } from '@railhead/commands/ports/clock.ts';
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import { givingWay } from '@railhead/commands/reconciliation/giving-way.ts';
import type { ReplayedModel } from '@railhead/commands/replays/change-replay.ts';
import { transact } from '@railhead/commands/streams/transact.ts';
import { accept, refuse } from '@railhead/domain/kernel/decision.ts';
import { decide, type ReplayCommand } from '@railhead/domain/replay/decide.ts';
import type { Part } from '@railhead/domain/replay/events.ts';
import { isPartial } from '@railhead/domain/replay/fold.ts';
import { replayCategory } from '@railhead/domain/replay/stream.ts';
import type { BesideState, ReplayedState, ReplayPlan, VerificationReport } from '@railhead/http/replay-shapes.ts';
import type {
  ModelGenerations,
  OpenGeneration,
  Size,
} from '@railhead/projections/engine/generations/model-generations.ts';
import { verifyGeneration } from '@railhead/projections/engine/generations/verify-generation.ts';
import { baseNameOf } from '@railhead/projections/engine/left-out.ts';
import { isWithin } from '@railhead/projections/order-search/slips.ts';
import { momentOf } from '@railhead/projections/past/moment.ts';
import type { CannotBeDone, Replays } from '@railhead/write-api/replays/routes.ts';
import { openReadDatabase } from '../sql/read-database.ts';
import type { GenerationsDeps, GenerationsHere } from './model-generations.ts';
import { refusalOfPlaces } from './replay-workers/run-workers.ts';

type Deps = Pick<GenerationsDeps, 'store' | 'clock' | 'logger' | 'isBusy' | 'workerPlaces'> & {
  readonly dataFolder: string;
};

/** A page of a comparison takes a few milliseconds; so long it waits at most while there is no time to spare. */
const PAGE_WAITS_MS = 200;
/** A rebuilt model may be larger than the one that is read, whose pages are full. */
const ROOM = 1.2;

const MOVES_SOON_MS = 1_000;

type Verified = { readonly startedAt: string; report?: VerificationReport };

export class ReplaysHere {
  readonly #generations: GenerationsHere;
  readonly #deps: Deps;
  /** By model: the comparison that is under way, or the last one. */
  readonly #verified = new Map<string, Verified & { readonly generation: number; isOver: boolean }>();
  /** Events a second of the last replay of each model that somebody has looked at. */
  readonly #measured = new Map<string, number>();
  readonly #ending = new AbortController();

  constructor(generations: GenerationsHere, deps: Deps) {
    this.#generations = generations;
    this.#deps = deps;
  }

  /** Removes what a process has left that was killed while it compared. */
  start(): void {
    const { dataFolder } = this.#deps;
    for (const name of readdirSync(dataFolder))
      if (/^compared-\w{6}$/.test(name)) rmSync(join(dataFolder, name), { recursive: true, force: true });
  }

  /** Comparisons end with the process. */
  stop(): void {
    this.#ending.abort(new Error('the process is about to stop'));
  }

  /** Why a model has no generations here, and what may have been meant. */
  readonly unknown = (model: string): string => {
    const names = this.#generations.all.map((one) => one.model);
    const parts = names.filter((name) => baseNameOf(name) === model);
    if (parts.length > 0)
      return `${model} are spread over several databases, each a model of its own: ${parts.join(', ')}`;
    const near = names.find((name) => isWithin(2, name.toLowerCase(), model.toLowerCase()));
    const meant = near === undefined ? `there are ${names.join(', ')}` : `did you mean ${near}?`;
    return `there is no read model ${model}: ${meant}`;
  };

  readonly replayed = (model: string): ReplayedModel | undefined => {
    const one = this.#generations.named(model);
    if (one === undefined) return undefined;
    return {
      decided: one.decided,
      get isWholeBeside() {
        return one.beside !== undefined && isWhole(one.beside);
      },
      // It is decided, whatever keeps it from being done now: it is tried again.
      follow: async () => {
        try {
          await this.#generations.follow(one);
        } catch (err) {
          this.#deps.logger.warn({ err, model }, 'what was decided about a read model is not done yet');
        }
        // Nearly always it moves at once: then the answer says so.
        for (let waitedMs = 0; waitedMs < MOVES_SOON_MS && one.read.number !== one.decided.serving; waitedMs += 10)
          await pause(this.#deps.clock, 10);
      },
    };
  };

  async states(sizes: boolean): Promise<readonly ReplayedState[]> {
    const end = await this.#deps.store.lastPosition();
    return Promise.all(this.#generations.all.map((one) => this.#stateOf(one, end, sizes)));
  }

  async state(model: string): Promise<ReplayedState | undefined> {
    const one = this.#generations.named(model);
    return one === undefined ? undefined : this.#stateOf(one, await this.#deps.store.lastPosition(), false);
  }

  async #stateOf(one: ModelGenerations<unknown>, end: number, sizes: boolean): Promise<ReplayedState> {
    const { read, beside, decided, model } = one;
    const { movedAt } = decided;
    const version = read.model.schema?.version;
    return {
      model,
      store: read.store,
      ...(version === undefined ? {} : { schemaVersion: version }),
      ...(read.number === decided.serving ? {} : { movesTo: decided.serving }),
      serving: await generationState(read, end, await this.#sizeOf(read, sizes)),
      ...(movedAt === undefined ? {} : { lastRebuild: movedAt }),
      ...(beside === undefined ? {} : { beside: await this.#besideState(one, beside, end, sizes) }),
    };
  }

  async #besideState(
    { model, decided }: ModelGenerations<unknown>,
    generation: OpenGeneration<unknown>,
    end: number,
    sizes: boolean,
  ): Promise<BesideState> {
    const { beside } = decided;
    if (beside === undefined) throw new Error(`nothing stands beside ${model}`);
    const { part, eventsPerSecond: limit, workers, by, startedAt, verified } = beside;
    const { runner, pace } = generation;
    const target = Math.min(part.until ?? end, end);
    const { position } = runner.gate;
    const rate = pace.eventsPerSecond;
    const left = Math.max(0, target - position);
    if (rate > 0 && left > 0) this.#measured.set(model, rate);
    const does = beside.wasRead ? 'kept' : beside.isPaused ? 'paused' : isWhole(generation) ? 'whole' : 'building';
    const comparison = this.#verified.get(model);
    const isOfThis = comparison?.generation === generation.number;
    return {
      ...(await generationState(generation, end, await this.#sizeOf(generation, sizes))),
      does,
      percent: target === 0 ? 100 : Math.round(Math.min(1, position / target) * 1_000) / 10,
      eventsPerSecond: rate,
      limit,
      ...(left > 0 && rate > 0 && does === 'building' ? { secondsLeft: Math.ceil(left / rate) } : {}),
      part: partOf(part),
      workers,
      by,
      startedAt,
      ...(verified === undefined ? {} : { verified }),
      ...(isOfThis && comparison !== undefined && !comparison.isOver
        ? { verifying: { startedAt: comparison.startedAt } }
        : {}),
      ...(isOfThis && comparison?.report !== undefined ? { verification: comparison.report } : {}),
    };
  }

  async #sizeOf({ model, size }: OpenGeneration<unknown>, isAsked: boolean): Promise<Size | undefined> {
    if (!isAsked) return undefined;
    try {
      return await size();
    } catch (err) {
      this.#deps.logger.warn({ err, model: model.name }, 'the size of a read model is not known');
      return undefined;
    }
  }

  async plan(model: string, workers: number): Promise<ReplayPlan | undefined> {
    const one = this.#generations.named(model);
    if (one === undefined) return undefined;
    const { read, decided } = one;
    const events = await this.#deps.store.lastPosition();
    const { categories } = read.opened.projection;
    const rate = (one.beside?.pace.eventsPerSecond ?? 0) || (this.#measured.get(model) ?? 0);
    const { bytes } = await read.size();
    const bytesFree = await this.#bytesFree(read);
    const decision = decide(decided, { type: 'Start', eventsPerSecond: 0, part: {} });
    const cannot = await this.refusal(model, workers);
    const why = this.#notInParts(one);
    return {
      model,
      generation: decided.last + 1,
      store: read.store,
      events,
      ...(categories === undefined ? {} : { categories: [...categories] }),
      ...(rate === 0 ? {} : { eventsPerSecond: rate, seconds: Math.ceil(events / rate) }),
      ...(bytes === undefined ? {} : { bytes }),
      ...(bytesFree === undefined ? {} : { bytesFree }),
      workers: { possible: why === undefined, ...(why === undefined ? {} : { why }) },
      refusals: [...(decision.ok ? [] : [decision.refusal]), ...(cannot === undefined ? [] : [cannot])].map(
        ({ code, detail }) => ({ code, detail }),
      ),
    };
  }

  /** Of what stands in the data folder. What a server has free is the server's to know. */
  async #bytesFree(read: OpenGeneration<unknown>): Promise<number | undefined> {
    if (!read.isInDataFolder) return undefined;
    const { bavail, bsize } = await statfs(this.#deps.dataFolder);
    return bavail * bsize;
  }

  /** Why several workers cannot build a model here. */
  #notInParts({ model, read }: ModelGenerations<unknown>): string | undefined {
    if (baseNameOf(model) !== model) return `${model} is a part already: the databases can be built at the same time`;
    if (read.model.inParts === undefined)
      return `a row of ${model} is made of events of many streams, so one takes them in their order`;
    return refusalOfPlaces(this.#deps.workerPlaces);
  }

  async refusal(model: string, workers: number): Promise<CannotBeDone | undefined> {
    const one = this.#generations.named(model);
    const why = one === undefined || workers === 1 ? undefined : this.#notInParts(one);
    if (why !== undefined) return { code: 'REPLAY_NOT_PARALLEL', detail: why };
    return this.#noRoom(model);
  }

  /** Throws `EventStoreError` STORE_UNAVAILABLE: what an earlier generation has left cannot be removed now. */
  async clearNext(model: string): Promise<void> {
    try {
      await this.#generations.named(model)?.clearNext();
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new EventStoreError(
        'STORE_UNAVAILABLE',
        `what an earlier generation of ${model} has left cannot be removed: ${why}`,
        {
          cause,
        },
      );
    }
  }

  async #noRoom(model: string): Promise<CannotBeDone | undefined> {
    const read = this.#generations.named(model)?.read;
    const free = read === undefined ? undefined : await this.#bytesFree(read);
    if (read === undefined || free === undefined) return undefined;
    const needed = Math.ceil(((await read.size()).bytes ?? 0) * ROOM);
    if (needed <= free) return undefined;
    return { code: 'NO_ROOM', detail: `another generation of ${model} takes ${needed} bytes, and ${free} are free` };
  }

  async between(from: number | string | undefined, until: number | string | undefined): ReturnType<Replays['between']> {
    const { store, clock } = this.#deps;
    const now = { nowMs: clock.now(), zone: clock.zone.name };
    const positions: { from?: number; until?: number } = {};
    if (from !== undefined) {
      const moment = await momentOf(store, String(from), now);
      if (!moment.ok) return moment;
      // A time has everything that was there by then: what comes after it is taken.
      positions.from = /^\d+$/.test(String(from)) ? moment.value.position : moment.value.position + 1;
    }
    if (until !== undefined) {
      const moment = await momentOf(store, String(until), now);
      if (!moment.ok) return moment;
      positions.until = moment.value.position;
    }
    if (positions.from !== undefined && positions.until !== undefined && positions.from > positions.until)
      return refuse('MOMENTS_BACKWARDS', `position ${positions.from} is after ${positions.until}`);
    return accept(positions);
  }

  verify(
    model: string,
    {
      sample,
      operator,
      correlationId,
    }: { readonly sample?: number; readonly operator: string; readonly correlationId: string },
  ): ReturnType<Replays['verify']> {
    const one = this.#generations.named(model);
    if (one === undefined) return refuse('READ_MODEL_UNKNOWN', this.unknown(model));
    const { beside, read, decided } = one;
    if (beside === undefined || decided.beside === undefined)
      return refuse('NO_REPLAY', `nothing stands beside read model ${model}`);
    if (isPartial(decided.beside.part))
      return refuse(
        'REPLAY_PARTIAL',
        `generation ${beside.number} has only a part of the log, and is like nothing that is read`,
      );
    if (!isWhole(beside))
      return refuse('REPLAY_UNFINISHED', `generation ${beside.number} lacks events that the log has; wait for it`);
    if (beside.runner.state === 'standby')
      return refuse('BUILT_ELSEWHERE', `another process builds generation ${beside.number}; ask that one`);
    if (this.#verified.get(model)?.isOver === false)
      return refuse('VERIFICATION_UNDER_WAY', `generation ${beside.number} is being compared already`);
    const startedAt = timestampOf(this.#deps.clock);
    const underWay: Verified & { readonly generation: number; isOver: boolean } = {
      startedAt,
      generation: beside.number,
      isOver: false,
    };
    this.#verified.set(model, underWay);
    const report = this.#compare(model, beside, read, { sample, operator, correlationId }).then(
      (made) => {
        Object.assign(underWay, { report: made, isOver: true });
        return made;
      },
      async (error: unknown) => {
        underWay.isOver = true;
        await this.#note(model, { type: 'NoteUnverified', of: beside.number }, { operator, correlationId });
        throw await this.#unreadable(beside, error);
      },
    );
    report.catch((err: unknown) => this.#deps.logger.warn({ err, model }, 'a generation could not be compared'));
    return accept({ generation: beside.number, startedAt, report });
  }

  async #compare(
    model: string,
    beside: OpenGeneration<unknown>,
    read: OpenGeneration<unknown>,
    {
      sample,
      operator,
      correlationId,
    }: { readonly sample: number | undefined; readonly operator: string; readonly correlationId: string },
  ): Promise<VerificationReport> {
    const { store, clock, isBusy } = this.#deps;
    const giveWay = givingWay(clock, isBusy, () => setImmediate(), PAGE_WAITS_MS);
    const { signal } = this.#ending;
    const deps = { log: store, clock, giveWay, scratch: () => this.#scratch(model) };
    const asked = { signal, ...(sample === undefined ? {} : { sample }) };
    const { differences, ...found } = await verifyGeneration(deps, beside, read, asked);
    const { position, rows, checksum, unlikeLog, unlikeServing } = found;
    const verified = { position, rows, checksum, unlikeServing, ...(unlikeLog === undefined ? {} : { unlikeLog }) };
    await this.#note(model, { type: 'NoteVerified', of: beside.number, verified }, { operator, correlationId });
    return {
      model,
      generation: beside.number,
      ...found,
      differences: differences.map((difference) => ({ ...difference, events: [...difference.events] })),
    };
  }

  async #note(
    model: string,
    command: ReplayCommand,
    { operator, correlationId }: { readonly operator: string; readonly correlationId: string },
  ): Promise<void> {
    const { store, clock } = this.#deps;
    const origin = {
      commandId: `${operator}/${correlationId}/${model}/${command.type}`,
      actor: operator,
      correlationId,
    };
    const noted = await transact({ store, clock }, replayCategory, model, origin, (state) => decide(state, command));
    if (noted.ok) await this.replayed(model)?.follow();
  }

  /** Why rows cannot be read. Somebody may have dropped a table: it is made and filled again. */
  async #unreadable({ runner, opened }: OpenGeneration<unknown>, error: unknown): Promise<EventStoreError> {
    if (error instanceof EventStoreError) return error;
    // Nothing is begun any more while the process stops.
    const isFed = !this.#ending.signal.aborted && this.#runners().includes(runner);
    if (isFed && opened.projection.isPassing?.(error) !== true) {
      await runner.hold();
      runner.start();
    }
    const why = error instanceof Error ? error.message : String(error);
    return new EventStoreError('STORE_UNAVAILABLE', `its rows cannot be read: ${why}`, { cause: error });
  }

  #runners() {
    return this.#generations.all.flatMap(({ read, beside }) => [
      read.runner,
      ...(beside === undefined ? [] : [beside.runner]),
    ]);
  }

  /** Throws where the rows of what stands beside cannot be read: nobody may be answered from them. */
  async assertReadable(model: string): Promise<void> {
    const beside = this.#generations.named(model)?.beside;
    if (beside === undefined || !isWhole(beside)) return;
    try {
      for await (const keys of beside.opened.rows.keys()) {
        await beside.opened.rows.read(keys);
        break;
      }
    } catch (error) {
      throw await this.#unreadable(beside, error);
    }
  }

  /** The categories of streams that a model reads; undefined: it reads all, or there is no such model. */
  categoriesOf(model: string): readonly string[] | undefined {
    return this.#generations.named(model)?.read.opened.projection.categories;
  }

  async #scratch(name: string) {
    const model = this.#generations.firstOf(name);
    const folder = mkdtempSync(join(this.#deps.dataFolder, 'compared-'));
    const gone = () => rmSync(folder, { recursive: true, force: true });
    try {
      const database = await openReadDatabase(folder, [model], this.#deps.logger);
      return { opened: model.open(database), close: () => database.db.destroy().finally(gone) };
    } catch (cause) {
      gone();
      throw new EventStoreError('STORE_UNAVAILABLE', 'there is no room to compare a read model with the log', {
        cause,
      });
    }
  }
}

const partOf = ({ streams, ...part }: Part): BesideState['part'] =>
  streams === undefined ? part : { ...part, streams: [...streams] };

/** Has it had everything that was in the log, at least once? */
const isWhole = ({ runner }: OpenGeneration<unknown>): boolean => runner.unreadable === undefined;

/** Undefined sizes: they were not asked for, or the store is away, which its failure says. */
const generationState = async ({ number, runner }: OpenGeneration<unknown>, end: number, size: Size | undefined) => {
  const { state, gate, failure, setAside } = runner;
  const lagSeconds = await runner.lagSeconds(end);
  return {
    generation: number,
    state,
    position: gate.position,
    lagEvents: Math.max(0, end - gate.position),
    lagSeconds,
    ...(failure === undefined ? {} : { failure }),
    setAside: setAside.size,
    ...size,
  };
};
