// What was refused and waits for somebody to look at it: payment notices that cannot be right.
import { NotUnderstood } from '@railhead/commands/streams/understood.ts';
import { noticeIdOf } from '@railhead/domain/payment/refused-notice.ts';
import { paymentCategory } from '@railhead/domain/payment/stream.ts';
import { sqlModel } from '../engine/sql-model.ts';
import type { SqlHandler } from '../engine/sql-projection.ts';
import { DeadLettersQueries } from './dead-letters-queries.ts';
import { type DeadLettersTables, deadLettersTables } from './dead-letters-tables.ts';

const applyToDeadLetters: SqlHandler<DeadLettersTables> = async (writer, { events }) => {
  const letters: DeadLettersTables['dead_letters'][] = [];
  const dismissed: DeadLettersTables['dismissed_letters'][] = [];
  for (const event of events) {
    if (!paymentCategory.owns(event)) throw new NotUnderstood(event);
    const at = writer.dialect.toInstant(Date.parse(event.meta.at));
    if (event.type === 'PaymentNoticeRefused') {
      const { paymentNo, orderNo, code, outcome, version, amountFen, gatewayRef } = event.data;
      letters.push({
        letter_id: noticeIdOf(event.data),
        payment_no: paymentNo,
        order_no: orderNo,
        code,
        outcome,
        version,
        amount_fen: amountFen,
        gateway_ref: gatewayRef,
        refused_at: at,
        position: event.position,
      });
    }
    if (event.type === 'PaymentNoticeDismissed')
      dismissed.push({
        letter_id: noticeIdOf(event.data),
        dismissed_at: at,
        dismissed_by: event.meta.actor,
        reason: event.data.reason,
      });
  }
  await writer.upsert('dead_letters', letters);
  await writer.upsert('dismissed_letters', dismissed);
  return undefined;
};

export const deadLettersModel = sqlModel<DeadLettersTables, DeadLettersQueries>({
  name: 'deadLetters',
  version: 2,
  categories: [paymentCategory],
  tables: deadLettersTables,
  // A letter names its payment.
  parallel: {
    keyOf: (event) => (paymentCategory.owns(event) ? event.data.paymentNo : event.stream),
    keyOfStream: () => undefined,
  },
  handler: () => applyToDeadLetters,
  queries: (db, dialect) => new DeadLettersQueries(db, dialect),
});
