// An event store compared with a model: an array for the log, and rules that are easily seen to be right. Random
// appends of all kinds, reads from everywhere, and subscribers that began at any time.
import { expect, test } from '@jest/globals';
import {
  type AppendResult,
  categoryOf,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
  type RecordedEvent,
  type StreamAppend,
} from '@railhead/commands/ports/event-store.ts';
import fc from 'fast-check';
import { newEvents } from '../support/events.ts';

const CATEGORIES = ['red', 'green', 'blue'];

type Stood = { readonly id: string; readonly stream: string; readonly revision: number; readonly position: number };

const seen = ({ id, stream, revision, position }: RecordedEvent): Stood => ({ id, stream, revision, position });

const appendPlan = fc.record({
  kind: fc.constantFrom('append', 'repeat'),
  stream: fc.nat(4),
  category: fc.nat(CATEGORIES.length - 1),
  count: fc.integer({ min: 1, max: 3 }),
  expect: fc.constantFrom('noStream', 'exists', 'any', 'last', 'last', 'last', 'before', 'beyond'),
});
type AppendPlan = typeof appendPlan extends fc.Arbitrary<infer Plan> ? Plan : never;

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      parts: fc.array(appendPlan, { minLength: 1, maxLength: 4 }),
      atomic: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('page' as const),
      back: fc.nat(30),
      limit: fc.integer({ min: 1, max: 12 }),
      categories: fc.option(fc.subarray(CATEGORIES)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('stream' as const),
      stream: fc.nat(4),
      category: fc.nat(CATEGORIES.length - 1),
      from: fc.option(fc.nat(12)),
      limit: fc.option(fc.nat(8)),
      backwards: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('subscribe' as const),
      back: fc.nat(30),
      batchSize: fc.integer({ min: 1, max: 7 }),
      categories: fc.option(fc.subarray(CATEGORIES, { minLength: 1 })),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;
type Doing<What> = Extract<Step, { readonly do: What }>;

/** A store beside its model. The log goes on from run to run, in which streams have names of their own. */
class Pair {
  readonly #store: EventStore;
  readonly #log: Stood[];
  readonly #last = new Map<string, readonly NewEvent[]>();
  readonly #subscribers: { position: number }[] = [];
  readonly #following: Promise<void>[] = [];
  readonly #heard: Heard[] = [];
  readonly #stop = new AbortController();
  #moved: () => void = () => {};

  /** `log` is what the store holds already. */
  constructor(store: EventStore, log: readonly Stood[]) {
    this.#store = store;
    this.#log = [...log];
  }

  get log(): readonly Stood[] {
    return this.#log;
  }

  #revisionOf(stream: string): number {
    return this.#log.filter((event) => event.stream === stream).length - 1;
  }

  #positionBack(events: number): number {
    return this.#log[this.#log.length - 1 - events]?.position ?? 0;
  }

  #expectation(plan: AppendPlan, actual: number): ExpectedRevision {
    if (plan.expect === 'last') return actual < 0 ? 'noStream' : actual;
    if (plan.expect === 'before') return Math.max(0, actual - 1);
    return plan.expect === 'beyond' ? actual + 1 : plan.expect;
  }

  async append({ parts, atomic }: Doing<'append'>, run: string): Promise<void> {
    const appends: StreamAppend[] = [];
    for (const plan of parts) {
      const stream = `${CATEGORIES[plan.category]}-${run}${plan.stream}`;
      // One append a stream and call, so that each expectation is about the same log.
      if (appends.some((append) => append.stream === stream)) continue;
      const again = this.#last.get(stream);
      if (plan.kind === 'repeat' && again !== undefined) appends.push({ stream, expected: 'any', events: again });
      else
        appends.push({
          stream,
          expected: this.#expectation(plan, this.#revisionOf(stream)),
          events: newEvents(plan.count),
        });
    }
    const all = atomic && this.#store.capabilities.atomicStreams;
    const results = await this.#store.append(appends, { atomic: all });
    const predicted = appends.map((append) => this.#predict(append));
    const whole = !all || predicted.every((result) => result.ok);
    expect(results.map(withoutPosition)).toEqual(
      predicted.map((result) => (whole || !result.ok ? result : { ok: false, code: 'NOT_ATTEMPTED' })),
    );
    if (whole) await this.#learn(appends, results);
  }

  #predict({ stream, expected, events }: StreamAppend): Prediction {
    const actual = this.#revisionOf(stream);
    if (events === this.#last.get(stream)) return { ok: true, revision: actual, repeated: true };
    const fits =
      expected === 'any' || (expected === 'exists' ? actual >= 0 : expected === (actual < 0 ? 'noStream' : actual));
    return fits
      ? { ok: true, revision: actual + events.length, repeated: false }
      : { ok: false, code: 'WRONG_REVISION', actual };
  }

  /** Takes over the order of the log, which only the store decides, and checks what it returns about the events. */
  async #learn(appends: readonly StreamAppend[], results: readonly AppendResult[]): Promise<void> {
    const written = new Map<string, Stood>();
    for (const [index, { stream, events }] of appends.entries()) {
      const result = results[index];
      if (result?.ok !== true) continue;
      const there = await this.#store.readStream(stream, { from: result.revision - events.length + 1 });
      expect(there.map(({ id, data, meta }) => ({ id, data, meta }))).toEqual(
        events.map(({ id, data, meta }) => ({ id, data, meta })),
      );
      expect(there.at(-1)?.position).toBe(result.position);
      this.#last.set(stream, events);
      if (!result.repeated) for (const event of there) written.set(event.id, seen(event));
    }
    this.#log.push(...[...written.values()].sort((a, b) => a.position - b.position));
  }

  async page({ back, limit, categories }: Doing<'page'>): Promise<void> {
    const after = this.#positionBack(back);
    const wanted = categories === null ? {} : { categories };
    const page = await this.#store.readAll({ after, limit, ...wanted });
    expect(page.events.map(seen)).toEqual(this.#between(after, page.position, categories));
    // Before its first event a log on a shared server ends wherever the others' does.
    if (page.caughtUp) expect(page.position).toBe(this.#log.at(-1)?.position ?? page.position);
    else expect(page.position > after || page.position === this.#log.at(-1)?.position).toBe(true);
  }

  async stream({ stream, category, from, limit, backwards }: Doing<'stream'>, run: string): Promise<void> {
    const name = `${CATEGORIES[category]}-${run}${stream}`;
    const events = await this.#store.readStream(name, {
      ...(from === null ? {} : { from }),
      ...(limit === null ? {} : { limit }),
      ...(backwards ? { direction: 'backwards' } : {}),
    });
    const all = this.#log.filter((event) => event.stream === name);
    const wanted = backwards
      ? all.filter(({ revision }) => revision <= (from ?? all.length)).reverse()
      : all.filter(({ revision }) => revision >= (from ?? 0));
    expect(events.map(seen)).toEqual(wanted.slice(0, limit ?? wanted.length));
  }

  subscribe({ back, batchSize, categories }: Doing<'subscribe'>): void {
    const subscriber = { position: this.#positionBack(back) };
    const wanted = categories === null ? {} : { categories };
    const options = { after: subscriber.position, batchSize, ...wanted, signal: this.#stop.signal };
    const follow = async (): Promise<void> => {
      for await (const batch of this.#store.subscribe(options)) {
        this.#heard.push({
          after: subscriber.position,
          upTo: batch.position,
          categories,
          batch: batch.events.map(seen),
        });
        subscriber.position = batch.position;
        this.#moved();
      }
      if (!this.#stop.signal.aborted) throw new Error('a subscription ended by itself');
    };
    this.#subscribers.push(subscriber);
    this.#following.push(follow());
  }

  /** Every subscriber reaches the end of the log and has received every event of it. */
  async finish(): Promise<void> {
    const end = this.#log.at(-1)?.position ?? 0;
    expect(await this.#store.lastPosition()).toBe(end);
    while (this.#subscribers.some(({ position }) => position < end))
      await Promise.race([
        ...this.#following,
        new Promise<void>((resolve) => {
          this.#moved = resolve;
        }),
      ]);
    this.#stop.abort();
    await Promise.all(this.#following);
    for (const { after, upTo, categories, batch } of this.#heard)
      expect(batch).toEqual(this.#between(after, upTo, categories));
  }

  #between(after: number, upTo: number, categories: readonly string[] | null): readonly Stood[] {
    return this.#log.filter(
      ({ position, stream }) =>
        position > after && position <= upTo && (categories === null || categories.includes(categoryOf(stream))),
    );
  }
}

type Heard = {
  readonly after: number;
  readonly upTo: number;
  readonly categories: readonly string[] | null;
  readonly batch: readonly Stood[];
};

type Prediction =
  | { readonly ok: true; readonly revision: number; readonly repeated: boolean }
  | { readonly ok: false; readonly code: 'WRONG_REVISION'; readonly actual: number };

const withoutPosition = (result: AppendResult): unknown => {
  if (!result.ok) return result;
  const { position: _, ...rest } = result;
  return rest;
};

export const modelContract = (fresh: () => Promise<EventStore>): void => {
  test('whatever is appended, pages, streams and subscriptions are those of a plain array', async () => {
    const store = await fresh();
    let run = 0;
    let log: readonly Stood[] = [];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
        run += 1;
        const pair = new Pair(store, log);
        for (const one of steps) {
          if (one.do === 'append') await pair.append(one, `r${run}x`);
          else if (one.do === 'page') await pair.page(one);
          else if (one.do === 'stream') await pair.stream(one, `r${run}x`);
          else pair.subscribe(one);
        }
        await pair.finish();
        log = pair.log;
      }),
      { numRuns: 25, endOnFailure: true },
    );
    const { events } = await store.readAll({ after: 0, limit: 100_000 });
    expect(events.map(seen)).toEqual(log);
  });
};
