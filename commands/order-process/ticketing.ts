// The tickets of an order: the issuer, if the railway has one, is asked to issue them, and to make them void before their
// seats are free; and an order that gets none is told why.
import type { Order } from '@railhead/domain/order/fold.ts';
import { ticketNoOf } from '@railhead/domain/order/ticket.ts';
import { loadOrder } from '../orders/load-order.ts';
import type { Asked, TrackedOrder } from '../orders/tracked-order.ts';
import { IssuerError, type TicketIssuer, type TicketWanted } from '../ports/ticket-issuer.ts';
import { boardingMs } from '../runs/sale-window.ts';
import { type OrderStepContext, stepMeta, write } from './order-step.ts';
import { orderAppend } from './order-writer.ts';

/** Tries before an issuer that gives no answer counts as one that refuses. */
const MOST_TRIES = 8;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

const ASKED = 'ticketIssuer';

/** When the issuer may be asked again; absent before it was asked in vain. */
export const nextTry = ({ asked }: Pick<TrackedOrder, 'asked'>): { readonly notBeforeMs?: number } => {
  const last = asked[ASKED];
  if (last === undefined) return {};
  return { notBeforeMs: last.atMs + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** last.times) };
};

/** `again`: there was no answer, and it is asked again later; what is to be kept in mind until then. */
export type Issued =
  | { readonly kind: 'issued' }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'again'; readonly learnt: { readonly asked: Readonly<Record<string, Asked>> } };

export const issue = async ({ deps, current }: OrderStepContext): Promise<Issued> => {
  if (deps.issuer === undefined) return { kind: 'issued' };
  try {
    const answer = await deps.issuer.issue(ticketsOf(current().order));
    return answer === 'issued' ? { kind: 'issued' } : { kind: 'refused', reason: 'the issuer of tickets refuses them' };
  } catch (error) {
    if (!(error instanceof IssuerError)) throw error;
    const { asked } = current();
    const times = (asked[ASKED]?.times ?? 0) + 1;
    if (times >= MOST_TRIES) return { kind: 'refused', reason: 'the issuer of tickets gives no answer' };
    return { kind: 'again', learnt: { asked: { ...asked, [ASKED]: { times, atMs: deps.clock.now() } } } };
  }
};

/** Nobody gets a ticket for a train that has left the stop where the travellers board: why, or undefined where it has not. */
export const tooLate = async ({ deps: { runs, clock }, current }: OrderStepContext): Promise<string | undefined> => {
  const { request } = current().order;
  const run = request === undefined ? undefined : await runs.find(request.train, request.date);
  if (request === undefined || run === undefined || clock.now() < boardingMs(run, request.from)) return undefined;
  return `${request.train} has left ${request.fromStation.name}`;
};

/** The order gets no tickets; its money goes back, and then its seats are free. */
export const failTicketing = async (context: OrderStepContext, name: string, reason: string): Promise<undefined> => {
  const now = await loadOrder(context.deps.store, context.current().order.orderNo);
  const start = now.order.status === 'PAID' ? [{ type: 'StartTicketing' as const }] : [];
  const failed = { type: 'FailTicketing' as const, reason };
  return write(context.deps, orderAppend(now, [...start, failed], stepMeta(context, `${name}/failed`)));
};

/** Throws `IssuerError`, to be tried again: no seat is free before its ticket is void. */
export const makeVoid = async (
  { issuer }: { readonly issuer?: TicketIssuer | undefined },
  { orderNo }: Order,
  itemNos: readonly number[],
): Promise<void> => {
  await issuer?.void(itemNos.map((itemNo) => ticketNoOf(orderNo, itemNo)));
};

/** Did anybody ever ask for tickets of this order? */
export const mayHaveTickets = ({ paymentNo, lockId, amountFen }: Order): boolean =>
  paymentNo !== undefined || (lockId !== undefined && amountFen === 0);

const ticketsOf = ({ orderNo, request, seatClass, items }: Order): readonly TicketWanted[] => {
  if (request === undefined || seatClass === undefined) throw new Error(`order ${orderNo} has no seats`);
  const { train, date, fromStation, toStation } = request;
  return items.map(({ itemNo, coach, seat }) => ({
    ticketNo: ticketNoOf(orderNo, itemNo),
    train,
    date,
    from: fromStation.code,
    to: toStation.code,
    seatClass,
    ...(coach === undefined ? {} : { coach }),
    ...(seat === undefined ? {} : { seat }),
  }));
};
