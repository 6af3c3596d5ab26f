// What another system issued agrees with the log: a ticket is valid there if its order has it, and only then.
import { ticketNoOf } from '@railhead/domain/order/ticket.ts';
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';
import { keptNos } from './after-sales.ts';

export const checkIssuedTickets = ({ plan, issuer, truth }: World): void => {
  if (plan.issuer !== true) return;
  const owed = new Set<string>();
  for (const order of truth.orders.values())
    if (order.status === 'SUCCESS') for (const itemNo of keptNos(order)) owed.add(ticketNoOf(order.orderNo, itemNo));
  for (const ticketNo of owed)
    if (issuer.tickets.get(ticketNo) !== 'valid')
      throw new Violation('TICKET_NOT_ISSUED', `${ticketNo} is ${issuer.tickets.get(ticketNo)} at its issuer`);
  for (const [ticketNo, status] of issuer.tickets)
    if (status === 'valid' && !owed.has(ticketNo))
      throw new Violation('TICKET_NOT_VOID', `${ticketNo} is valid at its issuer, and its order does not have it`);
};
