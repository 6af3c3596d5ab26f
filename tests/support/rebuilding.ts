// Read models that are built again while they are read: what every store has to do.
import { expect } from '@jest/globals';
import type { Readers } from './readers.ts';
import type { ServedRailway } from './served-railway.ts';
import type { Answer, Json } from './shopper.ts';
import { waitUntil } from './wait-until.ts';

/** What an operator does with the generations of a model. */
export class Rebuilding {
  readonly #railway: ServedRailway;

  constructor(railway: ServedRailway) {
    this.#railway = railway;
  }

  async ask(path: string, body?: object, key?: string): Promise<Answer> {
    const token = await this.#railway.token('olga', { role: 'operator' });
    const headers = key === undefined ? {} : { headers: { 'Idempotency-Key': key } };
    return this.#railway.ask(`/v1/admin/replays${path}`, {
      token,
      ...headers,
      ...(body === undefined ? {} : { body }),
    });
  }

  start(model: string, more: object = {}): Promise<Answer> {
    return this.ask('', { model, ...more });
  }

  tell(model: string, what: string, body: object = {}): Promise<Answer> {
    return this.ask(`/${model}/${what}`, body);
  }

  async stateOf(model: string): Promise<Json> {
    return (await this.ask('')).body.models.find((one: Json) => one.model === model);
  }

  async built(model: string): Promise<void> {
    const { status, body } = await this.start(model);
    expect([status, body.code]).toEqual([201, undefined]);
    await this.whole(model);
  }

  async whole(model: string): Promise<void> {
    await waitUntil(`${model} to be built`, async () => (await this.stateOf(model)).beside?.does === 'whole');
  }

  /** Waits for the report where it takes longer. */
  async verify(model: string, body: object = {}): Promise<Json> {
    const { status, body: answer } = await this.tell(model, 'verify', body);
    if (status === 200) return answer;
    expect([status, answer.code]).toEqual([202, undefined]);
    return waitUntil(`${model} to be compared`, async () => {
      const { beside } = await this.stateOf(model);
      return beside.verifying === undefined ? beside.verification : undefined;
    });
  }

  async #isLikeTheLog(model: string): Promise<void> {
    const { rows, checksum, log, ...report } = await this.verify(model);
    expect([report.unlikeLog, report.unlikeServing, report.differences]).toEqual([0, 0, []]);
    expect([log.rows, log.checksum]).toEqual([rows, checksum]);
  }

  /** Builds it, compares it, lets it take over, goes back, and lets it take over once more. */
  async rebuildAndMove(model: string, between: () => Promise<unknown>): Promise<void> {
    await this.built(model);
    await between();
    const before = (await this.stateOf(model)).serving.generation;
    const built = (await this.stateOf(model)).beside.generation;
    for (const [move, serving, kept] of [
      ['swap', built, before],
      ['rollback', before, built],
      ['swap', built, before],
    ] as const) {
      if (move === 'swap') await this.#isLikeTheLog(model);
      const moved = await this.tell(model, move);
      expect([move, moved.status, moved.body.code]).toEqual([move, 200, undefined]);
      await between();
      await waitUntil(`${model} to be moved`, async () => (await this.stateOf(model)).serving.generation === serving);
      const { beside } = await this.stateOf(model);
      expect([beside.generation, beside.does]).toEqual([kept, 'kept']);
    }
    expect((await this.tell(model, 'drop')).body.beside).toBeUndefined();
    await between();
  }
}

/** Sells, and pays, as long as somebody asks. */
export const sellingWhile = async (
  railway: ServedRailway,
  readers: Readers,
  work: () => Promise<void>,
): Promise<void> => {
  let isOver = false;
  const selling = (async () => {
    while (!isOver) {
      const { status, body } = await railway.order();
      // Sold out.
      if (status !== 201) return;
      await railway.payAtGateway(body.orderNo);
    }
  })();
  try {
    await work();
  } catch (error) {
    // What it causes for those who ask says less.
    await readers.stop().catch(() => {});
    throw error;
  } finally {
    isOver = true;
    await selling;
  }
  await readers.stop();
};
