// One of the crowd: waits in the room and in the queue, orders, pays or does not, waits for a seat that comes free, and
// perhaps gives the ticket back. All of it through HTTP, as a client does it.
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { HOT_TRAIN, LAST_STOP, STOP_CODES } from './hot-train.ts';

/** Where somebody is, as the board counts them. */
export type Stage =
  | 'coming'
  | 'inRoom'
  | 'inQueue'
  | 'ordering'
  | 'paying'
  | 'waiting'
  | 'ticket'
  | 'ticketByWaiting'
  | 'gaveBack'
  | 'cancelled'
  | 'leftWithout';

export type CrowdDeps = {
  readonly url: string;
  readonly date: string;
  readonly tokenOf: (user: string) => Promise<string>;
  readonly random: () => number;
  /** True once nobody waits any longer. */
  readonly isOver: () => boolean;
};

/** What is looked at of any answer. */
const bodyShape = z.object({
  code: z.string().optional(),
  phase: z.string().optional(),
  queueToken: z.string().optional(),
  orderNo: z.string().optional(),
  waitlistNo: z.string().optional(),
  payUrl: z.string().optional(),
  status: z.union([z.string(), z.number()]).optional(),
});
type Answer = { readonly status: number; readonly body: z.output<typeof bodyShape> };

const LOOK_EVERY_MS = 500;
const FEW = 0.15;

export class Traveller {
  stage: Stage = 'coming';
  readonly #deps: CrowdDeps;
  readonly #user: string;
  readonly #number: number;
  #token = '';

  constructor(deps: CrowdDeps, number: number) {
    this.#deps = deps;
    this.#number = number;
    this.#user = `traveller-${number}`;
  }

  /** Resolves when this one has an answer. Rejects where the server gives none that makes sense. */
  async live(comesAfterMs: number): Promise<void> {
    await pause(comesAfterMs);
    this.#token = await this.#deps.tokenOf(this.#user);
    const place = await this.#admitted();
    if (place === undefined) {
      this.stage = 'leftWithout';
      return;
    }
    this.stage = 'ordering';
    const order = await this.#order(place);
    if (order.status === 201 && order.body.orderNo !== undefined) await this.#seated(order.body.orderNo);
    else if (order.body.code === 'SOLD_OUT' && this.#deps.random() < 0.7) await this.#wait();
    else this.stage = 'leftWithout';
  }

  /** The token of a place in the queue that may order; undefined if the queue ended before. */
  async #admitted(): Promise<string | undefined> {
    const joined = await this.#ask('POST', '/v1/queue', { train: HOT_TRAIN, date: this.#deps.date });
    if (joined.status !== 201) return undefined;
    let { body } = joined;
    for (;;) {
      if (body.phase === 'ADMITTED') return joined.body.queueToken;
      if (body.phase === 'CLOSED') return undefined;
      this.stage = body.phase === 'WAITING_ROOM' ? 'inRoom' : 'inQueue';
      await pause(LOOK_EVERY_MS);
      ({ body } = await this.#ask('GET', `/v1/queue/${joined.body.queueToken}`));
    }
  }

  #order(queueToken: string): Promise<Answer> {
    const from = STOP_CODES[this.#deps.random() < 0.7 ? 0 : 1];
    const body = { ...this.#journey(from), passengers: [this.#person()] };
    return this.#ask('POST', '/v1/orders', body, { 'Queue-Token': queueToken, Prefer: 'wait=20' });
  }

  async #seated(orderNo: string): Promise<void> {
    this.stage = 'paying';
    await this.#aMoment(1_500);
    if (this.#deps.random() < FEW) {
      await this.#ask('POST', `/v1/orders/${orderNo}/cancel`);
      this.stage = 'cancelled';
      return;
    }
    await this.#pay(`/v1/orders/${orderNo}/payments`);
    let status: Answer['body']['status'];
    await this.#until(async () => {
      ({ status } = (await this.#ask('GET', `/v1/orders/${orderNo}`)).body);
      return status === 'SUCCESS' || status === 'CLOSED';
    });
    if (status !== 'SUCCESS') {
      this.stage = 'leftWithout';
      return;
    }
    this.stage = 'ticket';
    if (this.#deps.random() > 2 * FEW) return;
    await this.#aMoment(12_000);
    await this.#ask('POST', `/v1/orders/${orderNo}/refunds`, {});
    this.stage = 'gaveBack';
  }

  async #wait(): Promise<void> {
    const choices = [this.#journey(STOP_CODES[0])];
    const submitted = await this.#ask('POST', '/v1/waitlist', { choices, passengers: [this.#person()] });
    if (submitted.status !== 201) {
      this.stage = 'leftWithout';
      return;
    }
    const path = `/v1/waitlist/${submitted.body.waitlistNo}`;
    await this.#pay(`${path}/payments`);
    this.stage = 'waiting';
    let status: Answer['body']['status'];
    await this.#until(async () => {
      ({ status } = (await this.#ask('GET', path)).body);
      if (this.#deps.isOver() && (status === 'PENDING' || status === 'MATCHING')) await this.#ask('DELETE', path);
      return status === 'SUCCESS' || status === 'FAIL';
    });
    this.stage = status === 'SUCCESS' ? 'ticketByWaiting' : 'leftWithout';
  }

  async #pay(path: string): Promise<void> {
    const { status, body } = await this.#ask('POST', path, { channel: 'sandbox' });
    if (status !== 201 || body.payUrl === undefined) throw new Error(`${path}: ${status} ${body.code}`);
    const paid = await fetch(body.payUrl, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"outcome":"paid"}',
    });
    if (!paid.ok) throw new Error(`${path}: the gateway answers ${paid.status}`);
  }

  #journey(from: string | undefined) {
    return { train: HOT_TRAIN, date: this.#deps.date, from, to: LAST_STOP, seatClass: 'second' };
  }

  #person() {
    return { name: `旅客${this.#number}`, idType: 'passport', idNo: `E${10_000_000 + this.#number}`, kind: 'adult' };
  }

  #aMoment(mostMs: number): Promise<void> {
    return pause(this.#deps.random() * mostMs);
  }

  async #until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) await pause(LOOK_EVERY_MS);
  }

  async #ask(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const response = await fetch(this.#deps.url + path, {
      method,
      headers: {
        Authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.status >= 500) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return { status: response.status, body: bodyShape.parse(text === '' ? {} : JSON.parse(text)) };
  }
}
