// Once the cancellation of a run is settled, every order that held seats on it is closed, and so are its books. The
// books of a run that goes on are open, except after late assignment.

import type { OpenedRun } from '@railhead/domain/train-run/fold.ts';
import { runName } from '@railhead/domain/train-run/stream.ts';
import type { AuditedClass } from '../ledger.ts';
import type { PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';
import { WITH_SEATS } from './orders-seated.ts';

export const runsEnded: PromiseOf = (ledger) => ({
  categories: [],
  observe() {
    // Runs, books and orders are in different streams, so they are compared in `findings`.
  },
  findings() {
    const found = new Violations();
    for (const [orderNo, { request, status }] of ledger.orders) {
      if (request === undefined) continue;
      const name = runName(request);
      // An order that still waits for seats, or whose tickets failed, is closed by the order process.
      if (ledger.openedRun(name)?.settled === true && WITH_SEATS.includes(status))
        found.add('CANCELLED_RUN_SERVED', `order ${orderNo} is ${status}, the cancellation of ${name} is settled`);
    }
    for (const audited of ledger.classes.values()) {
      const run = ledger.openedRun(audited.runName);
      const wrong = run === undefined ? undefined : bookDefect(run, audited);
      if (wrong !== undefined) found.add('BOOK_DIFFERS', `the book of ${audited.key} ${wrong}`);
    }
    return found.list;
  },
});

const bookDefect = (run: OpenedRun, { seatClass, stock }: AuditedClass): string | undefined => {
  const { closed, epoch } = stock.book;
  const late = run.lateAssignment?.includes(seatClass) === true;
  if (closed === 'RUN_CANCELLED' && run.status !== 'cancelled') return 'is closed, and its run is not cancelled';
  if (closed === 'SEATS_ASSIGNED' && !late) return 'is closed, and its class is not sold by count';
  // A class whose log contradicts itself has no allocator, so nobody can close its book.
  const isStopped = stock.segments.some(({ contradiction }) => contradiction !== undefined);
  if (closed !== undefined || epoch === 0 || isStopped) return undefined;
  if (run.settled) return 'is open, and the cancellation of its run is settled';
  return run.seatsAssigned && late ? 'is open, and its seats were given out' : undefined;
};
