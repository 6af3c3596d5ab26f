// A sale with limits, as `limitedSale` has it, whose run has a queue: people join, and order by the tokens of their places.

import { placeOrder } from '@railhead/commands/orders/place-order.ts';
import { type JoinQueueDeps, joinQueue } from '@railhead/commands/queue/join-queue.ts';
import { QueueGate } from '@railhead/commands/queue/queue-gate.ts';
import type { QueueRules } from '@railhead/commands/queue/queue-line.ts';
import { RunQueues } from '@railhead/commands/queue/run-queues.ts';
import { StatedOpenings } from '@railhead/commands/sale-openings/opening-times.ts';
import { ownOrigin } from '@railhead/commands/streams/append.ts';
import type { RunQueueCommand } from '@railhead/domain/run-queue/decide.ts';
import { closed, limitedSale, person, SALE_STARTS, settle } from './limited-sale.ts';
import { QUEUE_RULES } from './queue-options.ts';
import { seededRandom } from './seeded-random.ts';

export const QUEUED_RUN = { train: 'G1', date: '2026-12-01' };
const SECRET = 'a-secret-of-the-tests';
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export const queuedSale = async ({
  rules = {},
  opensMs,
  ...options
}: Parameters<typeof limitedSale>[1] & {
  readonly rules?: Partial<QueueRules>;
  /** When the sale of the run opens. */
  readonly opensMs?: number;
} = {}) => {
  const sale = await limitedSale([{ ...QUEUED_RUN, minutes: [600, 660, 720] }], options);
  const { clock, deps } = sale;
  const { store } = deps;
  const begin = () =>
    new RunQueues({
      store,
      clock,
      random: seededRandom(7),
      logger: SILENT,
      secret: SECRET,
      rules: { ...QUEUE_RULES, ...rules },
    });
  let queues = begin();
  const opensAt = opensMs === undefined ? undefined : clock.zone.timestamp(opensMs);
  const openings = new StatedOpenings({
    runs: opensAt === undefined ? [] : [{ ...QUEUED_RUN, opensAt }],
    days: [],
    stations: [],
  });
  const saleWindow = { days: 15, openings };
  const joining = (): JoinQueueDeps => ({ ...deps, saleWindow, queues, tokenSecret: SECRET });
  const line = () => queues.line(QUEUED_RUN);
  const decide = async (command: RunQueueCommand) => {
    const written = await (await line()).write(ownOrigin(`test/${JSON.stringify(command)}`), () => command);
    if (!written.ok) throw new Error(written.refusal.detail);
  };
  return {
    ...sale,
    line,
    decide,
    /** Another process, or the same one after a crash: it knows what the log has. */
    restart: () => {
      queues = begin();
    },
    join: async (userId: string) => {
      const joined = await joinQueue(joining(), { ...QUEUED_RUN, userId });
      if (!joined.ok) throw new Error(`${joined.refusal.code}: ${joined.refusal.detail}`);
      return joined.value;
    },
    orderBy: (userId: string, queueToken: string | undefined, idempotencyKey: string, document = `E-${userId}`) =>
      placeOrder(
        { ...deps, saleWindow, gate: new QueueGate({ clock, queues, tokenSecret: SECRET, noteRequest: () => {} }) },
        {
          ...QUEUED_RUN,
          userId,
          idempotencyKey,
          correlationId: idempotencyKey,
          from: 'A',
          to: 'C',
          seatClass: 'second',
          passengers: [person(document)],
          acceptStanding: false,
          acceptSeatChange: false,
          queueToken,
        },
      ),
  };
};

/** A clean log of a queue, at rest: a waiting room of three, one who came later, and an order. */
export const queuedLog = async () => {
  const opensMs = SALE_STARTS + 60_000;
  const sale = await queuedSale({ opensMs, rules: { first: 2 } });
  const tokens = new Map<string, string>();
  for (const user of ['u1', 'u2', 'u3']) tokens.set(user, (await sale.join(user)).queueToken);
  await sale.clock.advance(60_000);
  await (await sale.line()).openRoom();
  await sale.join('late');
  const nowMs = sale.clock.now();
  await sale.decide({
    type: 'Admit',
    nowMs,
    at: sale.clock.zone.timestamp(nowMs),
    rules: { ...QUEUE_RULES, first: 2 },
  });
  const orders: string[] = [];
  for (const [user, token] of tokens) {
    const placed = await sale.orderBy(user, token, user);
    if (placed.ok) orders.push(placed.value.orderNo);
  }
  if (orders.length !== 2) throw new Error(`${orders.length} of the two who were admitted have ordered`);
  for (const orderNo of orders) {
    await sale.write(orderNo, closed('SOLD_OUT'));
    await settle(sale, orderNo);
  }
  return sale.events();
};
