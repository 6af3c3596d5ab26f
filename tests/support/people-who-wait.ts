// People who wait for seats of train G900, as they do it through HTTP.
import type { ServedRailway } from './served-railway.ts';
import { type Answer, ask, type Json, passenger } from './shopper.ts';
import { waitUntil } from './wait-until.ts';

export type WaitingOptions = {
  readonly party?: number;
  readonly key?: string;
  readonly deadline?: string;
  /** As the user's token says. */
  readonly memberLevel?: number;
};

export class PeopleWhoWait {
  readonly #railway: ServedRailway;

  constructor(railway: ServedRailway) {
    this.#railway = railway;
  }

  async submit(
    user: string,
    choices: readonly object[],
    { party = 1, key = crypto.randomUUID(), memberLevel, ...extra }: WaitingOptions = {},
  ): Promise<Answer> {
    return this.#railway.ask('/v1/waitlist', {
      token: await this.#railway.token(user, memberLevel === undefined ? {} : { memberLevel }),
      headers: { 'Idempotency-Key': key },
      body: { choices, passengers: Array.from({ length: party }, () => passenger()), ...extra },
    });
  }

  async prepay(user: string, waitlistNo: string): Promise<void> {
    const token = await this.#railway.token(user);
    const path = `/v1/waitlist/${waitlistNo}/payments`;
    const { body } = await this.#railway.ask(path, { token, body: { channel: 'sandbox' } });
    await ask(body.payUrl, { body: { outcome: 'paid' } });
  }

  /** As it is after all that the log has now. */
  async now(user: string, waitlistNo: string): Promise<Json> {
    const headers = { 'Railhead-Min-Position': String(await this.#railway.store.lastPosition()) };
    return (await this.#railway.ask(`/v1/waitlist/${waitlistNo}`, { token: await this.#railway.token(user), headers }))
      .body;
  }

  until(user: string, waitlistNo: string, status: string): Promise<Json> {
    return waitUntil(`${waitlistNo} to be ${status}`, async () => {
      const shown = await this.now(user, waitlistNo);
      return shown.status === status ? shown : undefined;
    });
  }

  /** The number of a request that is prepaid, and waits. */
  async wait(user: string, choices: readonly object[], options: WaitingOptions = {}): Promise<string> {
    const { status, body } = await this.submit(user, choices, options);
    if (status !== 201) throw new Error(`the waitlist request was refused: ${JSON.stringify(body)}`);
    await this.prepay(user, body.waitlistNo);
    await this.until(user, body.waitlistNo, 'MATCHING');
    return body.waitlistNo;
  }
}
