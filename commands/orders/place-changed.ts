// Places the order of a change: its request stands in the order whose tickets are changed, so it is found again after a
// crash between the two.
import { decide } from '@railhead/domain/order/decide.ts';
import { absentOrder, type OrderChange } from '@railhead/domain/order/fold.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import type { Position } from '../ports/event-store.ts';
import { appendOf, metaOf } from '../streams/append.ts';
import type { TransactDeps } from '../streams/transact.ts';

/** 0 if it was placed before. Throws what the store throws. */
export const placeNewOrder = async (
  { store, clock }: TransactDeps,
  { changeNo, newOrderNo: orderNo, requestHash, request }: OrderChange,
): Promise<Position> => {
  const commandId = `${orderNo}/request`;
  const decided = decide(absentOrder, { id: commandId, type: 'Request', orderNo, requestHash, request });
  if (!decided.ok) throw new Error(`${changeNo}: ${decided.refusal.code}: ${decided.refusal.detail}`);
  const meta = metaOf(clock, { commandId, actor: request.userId, correlationId: changeNo });
  const [written] = await store.append([appendOf(orderCategory.stream(orderNo), -1, decided.value, meta)]);
  return written?.ok === true && !written.repeated ? written.position : 0;
};
