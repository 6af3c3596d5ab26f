// Nobody gets a ticket for a train that has left: whoever is that late has the money back.
import { boardingMs } from '../runs/sale-window.ts';
import { type OrderStepContext, stepMeta, write } from './order-step.ts';
import { orderAppend } from './order-writer.ts';

/** Ends the order where its train has left the stop where the travellers board; false where it has not. */
export const endedTooLate = async (context: OrderStepContext, name: string): Promise<boolean> => {
  const { deps, current } = context;
  const { request } = current().order;
  const run = request === undefined ? undefined : await deps.runs.find(request.train, request.date);
  if (request === undefined || run === undefined || deps.clock.now() < boardingMs(run, request.from)) return false;
  const reason = `${request.train} has left ${request.fromStation.name}`;
  const tracked = current();
  const start = tracked.order.status === 'PAID' ? [{ type: 'StartTicketing' as const }] : [];
  const append = orderAppend(tracked, [...start, { type: 'FailTicketing', reason }], stepMeta(context, `${name}/late`));
  await write(deps, append);
  return true;
};
