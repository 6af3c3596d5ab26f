// A traveller boards: from then on the ticket cannot be given back or changed. That is possible from some time before the train
// leaves the stop where the traveller boards until it has arrived where the traveller alights.
import { type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import { decide } from '@railhead/domain/order/decide.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { parseTicketNo } from '@railhead/domain/order/ticket.ts';
import { travelOf } from '../limits/travel.ts';
import { loadOrder } from '../orders/load-order.ts';
import { timestampOf } from '../ports/clock.ts';
import type { RunDirectory } from '../runs/run-directory.ts';
import { type TransactDeps, type Transacted, transact } from '../streams/transact.ts';
import { zoneNamed } from '../time/zone.ts';

/** `checkInMinutes`: how long before the departure from where the traveller boards tickets are checked in. */
export type CheckInDeps = TransactDeps & { readonly runs: RunDirectory; readonly checkInMinutes: number };

export type CheckIn = { readonly ticketNo: string; readonly operator: string; readonly correlationId: string };
export type CheckInRefusal = 'TICKET_UNKNOWN' | 'TICKET_VOID' | 'CHECK_IN_CLOSED' | 'CONTENDED';

const MINUTE_MS = 60_000;

/** Checked in again, at any time, the ticket stays what it is, and `changed` is false. */
export const checkIn = async (
  deps: CheckInDeps,
  { ticketNo, operator, correlationId }: CheckIn,
): Promise<Result<Transacted, CheckInRefusal>> => {
  const { store, clock, runs, checkInMinutes } = deps;
  const unknown = refuse('TICKET_UNKNOWN', `no ticket ${ticketNo}`);
  const named = parseTicketNo(ticketNo);
  if (named === undefined) return unknown;
  const { orderNo, itemNo } = named;
  const { request } = (await loadOrder(store, orderNo)).order;
  const run = request === undefined ? undefined : await runs.find(request.train, request.date);
  if (request === undefined || run === undefined) return unknown;
  const { from, to: closes } = travelOf(run, request);
  const opens = zoneNamed(run.zone).timestamp(Date.parse(from) - checkInMinutes * MINUTE_MS);
  const commandId = `${orderNo}/checkIn/${itemNo}`;
  const origin = { commandId, actor: operator, correlationId };
  return transact(deps, orderCategory, orderNo, origin, (order) => {
    if (!order.tickets.some((ticket) => ticket.ticketNo === ticketNo)) return unknown;
    // The orders of a cancelled run are closed one after the other.
    if (run.status === 'cancelled' && !order.used.includes(itemNo))
      return refuse('TICKET_VOID', `${run.train} on ${run.date} is cancelled`);
    const at = timestampOf(clock);
    const decided = decide(order, { id: commandId, type: 'UseTicket', itemNo, at, opens, closes });
    if (decided.ok) return decided;
    const { code, detail, extra } = decided.refusal;
    return refuse(code === 'CHECK_IN_CLOSED' ? code : 'TICKET_VOID', detail, extra);
  });
};
