// What changed between two moments, in lines for people.
import type { Change, NamedEvent } from '@railhead/projections/past/changes.ts';
import type { RailwayDiff } from '@railhead/projections/past/diff-railway.ts';
import type { Leaf } from '@railhead/projections/past/leaves.ts';
import type { Moment } from '@railhead/projections/past/moment.ts';
import type { ToldDiff } from '@railhead/projections/past/told-moment.ts';
import { print } from '../../output.ts';
import { amount } from './print-past.ts';

const momentOf = ({ position, at }: Moment): string => `${position}${at === undefined ? '' : ` (${at})`}`;
const told = (value: Leaf | undefined): string => (value === undefined ? 'nothing' : JSON.stringify(value));
const eventsOf = (change: Change | undefined): string =>
  [change?.moreEvents, ...(change?.events ?? []).map(({ position }) => position)].join();
const eventOf = ({ position, at, type, actor }: NamedEvent): string => `    ${position}  ${at}  ${type}  by ${actor}`;

export const printDiff = (name: string, { from, to, events, changes, leftOut, setAside }: ToldDiff): void => {
  print(`${name}: ${events} events after ${momentOf(from)}, up to ${momentOf(to)}`);
  for (const [index, { what, before, after, events: by, moreEvents }] of changes.entries()) {
    print(`  ${what}: ${told(before)} -> ${told(after)}`);
    // Of values that the same events changed, one after the other, the events are named once.
    if (changes[index + 1] !== undefined && eventsOf(changes[index + 1]) === eventsOf(changes[index])) continue;
    for (const event of by) print(eventOf(event));
    if (moreEvents > 0) print(`    and ${moreEvents} events more`);
  }
  if (leftOut > 0) print(`  and ${leftOut} changes more; see --limit`);
  for (const { stream, why } of setAside) print(`not understood: ${stream} from ${why} on`);
  if (changes.length === 0) print('  no changes');
};

type WholeDiff = RailwayDiff & { readonly from: Moment; readonly to: Moment };

export const printRailwayDiff = ({ from, to, events, types, orders, money, classes, setAside }: WholeDiff): void => {
  print(`${events} events after ${momentOf(from)}, up to ${momentOf(to)}`);
  for (const { type, events: count } of types) print(`  ${String(count).padStart(8)} ${type}`);
  print(`orders      ${orders.changed} changed their status`);
  for (const { before, after, orders: count } of orders.transitions)
    print(`  ${String(count).padStart(8)} ${before ?? 'new'} -> ${after}`);
  for (const { orderNo, before, after, events: by } of orders.list) {
    print(`  ${orderNo}: ${before ?? 'new'} -> ${after}`);
    for (const event of by) print(eventOf(event));
  }
  if (orders.leftOut > 0) print(`  and ${orders.leftOut} orders more; see --limit`);
  print(
    `money       ${amount(money.paidFen)} paid by ${money.payments} payments, ${amount(money.refundedFen)} back by ${money.refunds} refunds, ${amount(money.askedBackFen)} asked back`,
  );
  print(`classes     ${classes.list.length} with other seats, from their first stop to their last`);
  for (const { train, date, seatClass, before, after, events: count, first, last } of classes.list) {
    const [was, is] = [before ?? { available: 0, held: 0, sold: 0, total: 0 }, after];
    const numbers = (['available', 'held', 'sold', 'total'] as const)
      .map((name) => `${name === 'available' ? 'free' : name} ${was[name]} -> ${is[name]}`)
      .join(', ');
    print(`  ${train}/${date}/${seatClass}: ${numbers}; ${count} events at ${first} to ${last}`);
  }
  if (classes.leftOut > 0) print(`  and ${classes.leftOut} classes more had events; see --limit`);
  for (const { stream, why } of setAside) print(`not understood: ${stream} from ${why} on`);
};
