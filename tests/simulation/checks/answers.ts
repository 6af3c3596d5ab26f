// Checks the answers that travellers got against each other, not against the log. A seat on a segment is an object that
// one order takes and gives back, and all answers about it must fit into one sequence.
import { seatsOfClass } from '@railhead/domain/train-run/composition.ts';
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';
import type { OrderTruth } from './class-truth.ts';
import { isLinearizable, type Model, type Timed } from './linearizable.ts';

type SeatOp = { readonly kind: 'take' | 'giveBack'; readonly orderNo: string };

/** The holder of one seat on one segment; empty where it is free. */
const seatModel: Model<string, SeatOp> = {
  initial: '',
  apply: (holder, { kind, orderNo }) =>
    kind === 'take' ? (holder === '' ? orderNo : undefined) : holder === orderNo ? '' : undefined,
  key: (holder) => holder,
};

/** When the ticket, or its whole order, ended; undefined if it has not. */
const endOf = ({ status, closedMs, refunds, changes }: OrderTruth, itemNo: number): number | undefined => {
  const refund = [...refunds.values()].find(({ items }) => items.some((item) => item.itemNo === itemNo));
  if (refund !== undefined) return refund.askedMs;
  const change = [...changes.values()].find((one) => one.changedMs > 0 && one.itemNos.includes(itemNo));
  if (change !== undefined) return change.changedMs;
  return status === 'CLOSED' ? closedMs : undefined;
};

export const checkAnswers = (world: World): void => {
  const histories = new Map<string, Timed<SeatOp>[]>();
  for (const { order, atMs } of world.answers.values()) {
    const { orderNo, request, items } = order;
    const truth = world.truth.orders.get(orderNo);
    if (truth === undefined) throw new Violation('ANSWER_WITHOUT_ORDER', orderNo);
    if (request === undefined || items.length === 0) continue;
    const { train, date, seatClass, from, to } = request;
    const composition = world.truth.compositionOf(train, date);
    const known = new Set(seatsOfClass(composition, seatClass).map(({ coach, seat }) => `${coach}/${seat}`));
    for (const item of items) {
      let { coach, seat } = item;
      // A standing traveller, or one who gets a seat later, was promised no seat.
      if (coach === undefined || seat === undefined) continue;
      for (let seq = from; seq < to; seq += 1) {
        const change = item.changes?.find(({ at }) => at === `ST${seq}`);
        if (change !== undefined) ({ coach, seat } = change);
        if (!known.has(`${coach}/${seat}`))
          throw new Violation('NO_SUCH_SEAT', `${orderNo} was given ${coach}/${seat}`);
        const name = `${train}_${date}_${seatClass}/${coach}/${seat}/${seq}`;
        const history = histories.get(name) ?? [];
        histories.set(name, history);
        history.push({ op: { kind: 'take', orderNo }, callMs: truth.requestedMs, returnMs: atMs });
        // The seat was given back some time after the ticket was, or after the order was closed; nobody was told when.
        const endedMs = endOf(truth, item.itemNo);
        if (endedMs !== undefined)
          history.push({
            op: { kind: 'giveBack', orderNo },
            callMs: endedMs,
            returnMs: Number.POSITIVE_INFINITY,
          });
      }
    }
  }
  for (const [name, history] of histories)
    if (!isLinearizable(seatModel, history))
      throw new Violation('NOT_LINEARIZABLE', `${name}: ${JSON.stringify(history)}`);
};
