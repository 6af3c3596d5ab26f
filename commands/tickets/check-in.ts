// A traveller boards: from then on the ticket cannot be given back or changed.
import { type Result, refuse } from '@railhead/domain/kernel/decision.ts';
import { decide } from '@railhead/domain/order/decide.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { parseTicketNo } from '@railhead/domain/order/ticket.ts';
import { type TransactDeps, type Transacted, transact } from '../streams/transact.ts';

export type CheckIn = { readonly ticketNo: string; readonly operator: string; readonly correlationId: string };
export type CheckInRefusal = 'TICKET_UNKNOWN' | 'TICKET_VOID' | 'CONTENDED';

/** Checked in again, the ticket stays what it is, and `changed` is false. */
export const checkIn = async (
  deps: TransactDeps,
  { ticketNo, operator, correlationId }: CheckIn,
): Promise<Result<Transacted, CheckInRefusal>> => {
  const named = parseTicketNo(ticketNo);
  if (named === undefined) return refuse('TICKET_UNKNOWN', `no ticket ${ticketNo}`);
  const { orderNo, itemNo } = named;
  const commandId = `${orderNo}/checkIn/${itemNo}`;
  const origin = { commandId, actor: operator, correlationId };
  return transact(deps, orderCategory, orderNo, origin, (order) => {
    if (!order.tickets.some((ticket) => ticket.ticketNo === ticketNo))
      return refuse('TICKET_UNKNOWN', `no ticket ${ticketNo}`);
    const decided = decide(order, { id: commandId, type: 'UseTicket', itemNo });
    return decided.ok ? decided : refuse('TICKET_VOID', decided.refusal.detail);
  });
};
