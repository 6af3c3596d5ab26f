// Feeds an index of orders from the log.
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { documentProjection, type RewritingDocuments } from '../engine/document-projection.ts';
import type { Projection } from '../engine/projection.ts';
import { orderNoOf } from '../orders/view-after.ts';
import { documentAfter, type OrderDocument } from './order-document.ts';
import type { OrderIndex } from './order-index.ts';

export const ORDER_SEARCH = 'orderSearch';

export const orderSearchProjection = (
  index: OrderIndex,
  name = ORDER_SEARCH,
): Projection & { readonly rewriting: RewritingDocuments<OrderDocument> } =>
  documentProjection(index, {
    name,
    categories: [orderCategory, paymentCategory],
    idsOf: (event) => [orderNoOf(event)],
    after: documentAfter,
  });
