// What an event is about, as far as the name of its stream tells.
import { categoryOf } from '@railhead/commands/ports/event-store.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { orderNoOfPayment, paymentCategory } from '@railhead/domain/payment/stream.ts';
import { queuePlaceCategory } from '@railhead/domain/queue-place/stream.ts';
import { runQueueCategory } from '@railhead/domain/run-queue/stream.ts';
import { lockBookCategory } from '@railhead/domain/seat-lock/stream.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { parseClassName, parseRunName, type RunId, runCategory } from '@railhead/domain/train-run/stream.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';

export type About = { readonly category: string; readonly orderNo?: string; readonly run?: RunId };

export const aboutOf = (stream: string): About => {
  const category = categoryOf(stream);
  const name = stream.slice(category.length + 1);
  switch (category) {
    case orderCategory.name:
    // A waitlist request has the number of its order.
    case waitlistCategory.name:
      return { category, orderNo: name };
    case paymentCategory.name:
      return { category, orderNo: orderNoOfPayment(name) };
    case runCategory.name:
    case runQueueCategory.name:
      return withRun(category, parseRunName(name));
    case lockBookCategory.name:
      return withRun(category, parseClassName(name));
    case segmentCategory.name:
    case queuePlaceCategory.name:
      return withRun(category, parseRunName(name.split('_').slice(0, 2).join('_')));
    default:
      return { category };
  }
};

const withRun = (category: string, run: RunId | undefined): About =>
  run === undefined ? { category } : { category, run: { train: run.train, date: run.date } };
