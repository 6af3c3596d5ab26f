// What must hold when everything has come to rest.
import { LogAudit } from '@railhead/commands/audit/log-audit.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { STRANGE_ORDER } from '../world/faults.ts';
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';
import { checkAnswers } from './answers.ts';
import { checkCancelledRuns } from './cancelled-runs.ts';
import { isHeld } from './class-truth.ts';
import { checkCompositions } from './compositions.ts';
import { checkDisplayedStock } from './displayed-stock.ts';
import { checkIssuedTickets } from './issued-tickets.ts';
import { checkMoney } from './money.ts';
import { checkReadModels } from './read-models.ts';
import { checkReconciliation } from './reconciliation.ts';
import { checkUnpaidEnds } from './unpaid-ends.ts';

const LOOK_EVERY_MS = 1_000;

export const checkAtQuiet = async (world: World): Promise<void> => {
  await letSomebodyTakeOver(world);
  for (const check of AT_QUIET) await check(world);
};

/** A late hold that no owner has noticed is ended by the next owner of its class; so a new node opens every class. */
const letSomebodyTakeOver = async (world: World): Promise<void> => {
  const late = await world.lateNode();
  late.start();
  await world.during(async () => {
    const { truth, scheduler } = world;
    const meta = { commandId: 'late', correlationId: 'late', causationId: 'late', actor: 'late', at: '' };
    for (const { train, date, seatClass } of truth.classes.values()) {
      const key = { train, date, seatClass: seatClass as SeatClass }; // named by a stream
      await late.parts?.pool.submit(key, { kind: 'confirm', orderNo: 'nobody', meta });
    }
    while (world.busy() !== undefined) await scheduler.sleep(LOOK_EVERY_MS);
  });
};

/** Railhead's own audit must find nothing, and nothing pending. */
const checkAudit = (world: World): void => {
  const audit = new LogAudit();
  for (const event of world.log.events) audit.add(event);
  const { violations, pending, money, setAside } = audit.report();
  const strange = Object.keys(setAside).find((stream) => !stream.startsWith(STRANGE_ORDER));
  if (strange !== undefined) throw new Violation('SET_ASIDE', `${strange} was set aside: ${setAside[strange]}`);
  const first = violations.find(({ code }) => code !== 'EVENT_UNREADABLE' || Object.keys(setAside).length === 0);
  if (first !== undefined) throw new Violation(`AUDIT_${first.code}`, first.detail);
  if (pending.releases > 0)
    throw new Violation('SEATS_KEPT', `${pending.releases} releases were forgotten: ${keptSeats(world)}`);
  if (money.inFlightFen > 0)
    throw new Violation('MONEY_IN_FLIGHT', `${money.inFlightFen} fen bought nothing and stayed`);
  if (pending.payments > 0)
    throw new Violation('PAYMENT_OPEN', `nobody knows how ${pending.payments} payments of ended orders end`);
  if (pending.refunds > 0) throw new Violation('REFUND_OPEN', `${pending.refunds} refunds were never done`);
  if (pending.changes > 0) throw new Violation('CHANGE_OPEN', `${pending.changes} changes never came to an end`);
  if (pending.reservations > 0)
    throw new Violation('RESERVATION_KEPT', `${pending.reservations} tickets that do not stand are still counted`);
  // Where order and reservation are two appends, somebody may have died between them.
  if (pending.unclaimed > 0 && world.plan.atomicStreams)
    throw new Violation('RESERVATION_ALONE', `${pending.unclaimed} are reserved for orders that never came`);
  if (pending.waitlists > 0)
    throw new Violation('PREPAID_KEPT', `${pending.waitlists} waitlist requests are over, and something is left to do`);
  if (pending.cancellations > 0)
    throw new Violation('CANCELLATION_OPEN', `${pending.cancellations} cancelled runs were never settled`);
  if (pending.uncommittedHolds > 0)
    throw new Violation('VOID_HOLDS', `${pending.uncommittedHolds} holds without a commit record were left behind`);
};

const keptSeats = ({ truth }: World): string =>
  [...truth.classes.values()]
    .flatMap(({ locks, taken }) => {
      const holders = new Set(taken.flat().filter((lockId) => lockId !== undefined));
      return [...locks].map(([lockId, lock]) => {
        const order = truth.orders.get(lock.plan?.orderNo ?? lockId.slice(0, lockId.indexOf('.')));
        const shown = `${lockId} is ${lock.status}, its order ${order?.status} ${order?.closeReason}`;
        if (lock.status === 'withdrawn') return '';
        const wanted = isHeld(lock) && (order?.status === 'SUCCESS' || order?.status === 'WAIT_PAY');
        return holders.has(lockId) !== wanted ? shown : '';
      });
    })
    .filter((text) => text !== '')
    .join('; ');

/** A key that was used twice is one order. */
const checkKeys = ({ keys }: World): void => {
  for (const [key, orders] of keys)
    if (orders.size > 1) throw new Violation('KEY_TWICE', `${key} became ${[...orders].join(' and ')}`);
};

/** What must hold then, in the order in which a failure says most. A new promise is a file, and a line here. */
const AT_QUIET: readonly ((world: World) => void | Promise<void>)[] = [
  checkCancelledRuns,
  checkAudit,
  checkCompositions,
  checkKeys,
  checkMoney,
  checkUnpaidEnds,
  checkIssuedTickets,
  checkAnswers,
  checkDisplayedStock,
  checkReadModels,
  checkReconciliation,
];
