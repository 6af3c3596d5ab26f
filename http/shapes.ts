// Shapes that several endpoints share. The names are a contract: fields may be added, and none may be renamed.
import { SEAT_CLASSES } from '@railhead/domain/kernel/seat-class.ts';
import {
  hasInvisible,
  isDocumentNo,
  isIdCardNo,
  isName,
  normalDocumentNo,
  normalName,
} from '@railhead/domain/order/identity.ts';
import { z } from 'zod';

export const seatClassShape = z.enum(SEAT_CLASSES).meta({ id: 'SeatClass' });
export const dateShape = z.iso.date().meta({ description: 'A calendar date, YYYY-MM-DD.', example: '2026-12-01' });
export const stationCodeShape = z.string().regex(/^[A-Za-z0-9]{1,16}$/, 'must be a station code');
export const trainShape = z.string().regex(/^[A-Za-z0-9]{1,16}$/, 'must be a train number');
export const orderNoShape = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9]+$/, 'must be an order number');
export const fenShape = z.int().min(0).meta({ description: 'Minor units of the currency (fen).' });
export const instantShape = z.string().meta({ description: 'RFC 3339 with a zone.' });
export const placeShape = z.object({ code: z.string(), name: z.string() });

/** An order, whose it is, and its journey. */
export const journeyFields = {
  orderNo: z.string(),
  userId: z.string(),
  train: z.string(),
  date: dateShape,
  from: placeShape,
  to: placeShape,
};

/** What people write, up to so many characters. */
export const visibleText = (most: number) =>
  z
    .string()
    .max(most)
    .refine((text) => !hasInvisible(text), 'must have no invisible characters');

export const passengerShape = z
  .strictObject({
    name: z
      .string()
      .max(200)
      .overwrite(normalName)
      .min(1)
      .max(60)
      .refine(isName, 'must be a name, without invisible characters'),
    idType: z.enum(['idCard', 'passport', 'residencePermit']),
    idNo: z
      .string()
      .max(64)
      .overwrite(normalDocumentNo)
      .min(4)
      .max(32)
      .refine(isDocumentNo, 'must be letters and digits, perhaps with hyphens between'),
    kind: z.enum(['adult', 'child', 'student']).default('adult'),
    wants: visibleText(16).optional().meta({ description: 'window, aisle, a letter, lower, middle or upper' }),
  })
  .refine(({ idType, idNo }) => idType !== 'idCard' || isIdCardNo(idNo), {
    path: ['idNo'],
    message: 'must be the number of an identity card: 18 digits, a date of birth, the right check digit',
  })
  .meta({ id: 'Passenger' });

export const orderItemShape = z
  .object({
    itemNo: z.int(),
    passenger: z.object({
      name: z.string(),
      idType: z.string(),
      idNo: z.string(),
      kind: z.string(),
      wants: z.string().optional(),
    }),
    coach: z.string().optional(),
    seat: z.string().optional(),
    seatClass: seatClassShape,
    fareFen: fenShape,
    changes: z
      .array(z.object({ at: z.string(), coach: z.string(), seat: z.string() }))
      .optional()
      .meta({ description: 'Where to change seats on the way: the station, and the seat from there.' }),
    ticketNo: z.string().optional(),
    ticketStatus: z.enum(['NONE', 'ISSUED', 'REFUNDED', 'CHANGED', 'USED']),
  })
  .meta({ id: 'OrderItem' });

const MAX_ITEM_NO = 99;
const isEachOnce = (itemNos: readonly number[]): boolean => new Set(itemNos).size === itemNos.length;

/** Items of an order, by number, each once. */
export const itemNosShape = z
  .array(z.int().min(1).max(MAX_ITEM_NO))
  .min(1)
  .max(MAX_ITEM_NO)
  .refine(isEachOnce, 'must name each item once');

/** The same in a query: `1,2`. */
export const itemNosInQuery = z
  .string()
  .max(300)
  .regex(/^[1-9]\d?(?:,[1-9]\d?)*$/, 'must be numbers of items, such as 1,2')
  .transform((text) => text.split(',').map(Number))
  .refine(isEachOnce, 'must name each item once');

const countShape = z.int().min(0);

/** A report without what differs. */
export const reconciliationSummaryShape = z.object({
  task_id: z.string(),
  kind: z.enum(['payments', 'stock', 'orders']),
  start_time: instantShape,
  end_time: instantShape,
  total_checked: countShape,
  inconsistent_count: countShape,
  auto_fixed_count: countShape,
  manual_fix_count: countShape,
  railhead_fen: z.int().optional().meta({ description: 'Of payments: what went through by the log.' }),
  gateway_fen: z.int().optional().meta({ description: 'And by the statement.' }),
  failure: z.string().optional().meta({ description: 'Why it could not be done.' }),
});

export const reconciliationShape = reconciliationSummaryShape
  .extend({
    inconsistent_details: z.array(z.record(z.string(), z.unknown())).meta({
      description: 'The first thousand. `action`: auto_fixed, repaired, alarm or left; of payments auto or alarm.',
    }),
  })
  .meta({ id: 'Reconciliation' });

export const reconciliationUnderWayShape = z.object({
  task_id: z.string(),
  kind: z.enum(['stock', 'orders']),
  start_time: instantShape,
});

export const refundShape = z
  .object({
    refundNo: z.string(),
    items: z.array(z.int()),
    feeFen: fenShape,
    refundFen: fenShape,
    status: z.enum(['REQUESTED', 'DONE']),
  })
  .meta({ id: 'Refund' });

export const changeStatusShape = z
  .enum(['WAIT_PAY', 'SUCCESS', 'FAIL'])
  .meta({ description: 'WAIT_PAY: until the new order has its seats and what is due. FAIL: the tickets stay.' });

export const changeShape = z
  .object({
    changeNo: z.string(),
    orderNo: z.string().meta({ description: 'The order of the new tickets.' }),
    items: z.array(z.int()),
    feeFen: fenShape,
    differenceFen: z.int().meta({ description: 'The new fares less the old ones; below 0 they are lower.' }),
    payFen: fenShape,
    refundFen: fenShape,
    status: changeStatusShape,
  })
  .meta({ id: 'Change' });

export const orderShape = z
  .object({
    orderNo: z.string(),
    status: z.enum(['QUEUED', 'WAIT_PAY', 'PAID', 'TICKETING', 'SUCCESS', 'FAIL', 'REFUND', 'CHANGE', 'CLOSED']),
    train: z.string(),
    date: dateShape,
    from: placeShape,
    to: placeShape,
    seatClass: seatClassShape,
    requestedAt: instantShape,
    amountFen: fenShape,
    currency: z.string(),
    payBefore: instantShape.optional(),
    closeReason: z.string().optional(),
    closeDetail: z.string().optional(),
    items: z.array(orderItemShape),
    payments: z.array(
      z.object({
        paymentNo: z.string(),
        channel: z.string(),
        amountFen: fenShape,
        askedBackFen: fenShape,
        refundedFen: fenShape,
        status: z.string(),
      }),
    ),
    refunds: z.array(refundShape),
    changes: z.array(changeShape),
    originalOrderNo: z.string().optional().meta({ description: 'The order whose tickets these take the place of.' }),
    changeFeeFen: fenShape.optional().meta({ description: 'What that change itself cost.' }),
    actions: z
      .array(
        z.object({
          kind: z.enum(['PAY', 'CANCEL', 'REFUND', 'CHANGE']),
          until: instantShape,
          items: z.array(z.int()).optional(),
          feeFen: fenShape.optional(),
        }),
      )
      .optional()
      .meta({
        description:
          'What may be done now, and until when: with the items named, for this fee. Only where one order is shown.',
      }),
  })
  .meta({ id: 'Order' });
