// Where orders are searched: the port of the read model `orderSearch`. tests/contract/order-index.contract.ts says what is
// expected of an adapter.
import type { Position } from '@railhead/commands/ports/event-store.ts';
import type { RewritableIndex } from '../engine/document-index.ts';
import type { OrderDocument } from './order-document.ts';
import type { FoundOrders, OrderQuestion } from './order-question.ts';

export interface OrderIndex extends RewritableIndex<OrderDocument> {
  /** A page of the numbers of its orders after this one, in their order. */
  orderNos(after: string, limit: number): Promise<readonly string[]>;
  /** Sees everything that had been put when a place at `upTo` was there; where it is not given, perhaps a moment less. */
  search(question: OrderQuestion, upTo?: Position): Promise<FoundOrders>;
}
