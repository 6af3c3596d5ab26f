// Somebody who waits in the queue of the railway's run, through HTTP.
import { RUN_DATE, type ServedRailway } from './served-railway.ts';
import { type Answer, type Json, passenger } from './shopper.ts';

export const join = async (railway: ServedRailway, user: string, extra: object = {}): Promise<Answer> =>
  railway.ask('/v1/queue', { token: await railway.token(user), body: { train: 'G900', date: RUN_DATE, ...extra } });

export const placeOf = async (railway: ServedRailway, { body }: Answer): Promise<Json> =>
  (await railway.ask(`/v1/queue/${body.queueToken}`)).body;

export const orderOf = async (
  railway: ServedRailway,
  user: string,
  queueToken?: string,
  { key, ...extra }: { readonly key?: string } & Record<string, unknown> = {},
): Promise<Answer> => {
  const token = await railway.token(user);
  const headers = {
    Prefer: 'wait=10',
    ...(queueToken === undefined ? {} : { 'Queue-Token': queueToken }),
    ...(key === undefined ? {} : { 'Idempotency-Key': key }),
  };
  const journey = { train: 'G900', date: RUN_DATE, from: 'ST0', to: 'ST2', seatClass: 'second' };
  return railway.ask('/v1/orders', { token, headers, body: { ...journey, passengers: [passenger()], ...extra } });
};

/** An operator says when the sale of the run opens. */
export const opensLater = async (railway: ServedRailway, opensAt: string): Promise<void> => {
  const token = await railway.token('olga', { role: 'operator' });
  const body = { runs: [{ train: 'G900', date: RUN_DATE, opensAt }] };
  await railway.ask('/v1/admin/config/saleOpenings', { method: 'PUT', token, body });
};
