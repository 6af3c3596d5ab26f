// What a run would have sold under other rules, in columns for people: what happened, then each policy with its difference.
import type { Figures, NamedOrders } from '@railhead/commands/what-if/figures.ts';
import type { WhatIf } from '@railhead/commands/what-if/what-if.ts';
import type { ToldStream } from '@railhead/projections/past/told-moment.ts';
import { print } from '../../output.ts';
import { amount } from './print-past.ts';

type Told = Omit<WhatIf, 'setAside'> & {
  readonly position: number;
  readonly paidShare: number;
  readonly paymentMinutes: number;
  readonly setAside: readonly ToldStream[];
};

type Row = {
  readonly label: string;
  readonly of: (figures: Figures) => number;
  readonly show: (value: number) => string;
};

const whole = (value: number): string => String(value);
const kilometres = (value: number): string => String(Math.round(value));
const percent = (value: number): string => `${value.toFixed(1)} %`;

const rowsOf = ({ happened, policies }: Told): readonly Row[] => {
  const all = [happened, ...policies.map(({ figures }) => figures)];
  const codes = [...new Set(all.flatMap(({ refused }) => Object.keys(refused)))].sort();
  return [
    { label: 'orders served', of: ({ served }) => served, show: whole },
    ...codes.map((code): Row => ({ label: `  refused ${code}`, of: ({ refused }) => refused[code] ?? 0, show: whole })),
    { label: '  not decided yet', of: ({ open }) => open, show: whole },
    { label: 'seats sold', of: ({ seatsSold }) => seatsSold, show: whole },
    { label: '  of them standing', of: ({ standing }) => standing, show: whole },
    { label: 'seats not paid yet', of: ({ seatsHeld }) => seatsHeld, show: whole },
    { label: 'seat-km sold', of: ({ seatKm }) => seatKm, show: kilometres },
    { label: 'revenue', of: ({ revenueFen }) => revenueFen, show: amount },
    ...happened.segments.map(
      ({ from, to }, seq): Row => ({
        label: `load ${from} to ${to}`,
        of: (figures) => loadOf(figures, seq),
        show: percent,
      }),
    ),
  ];
};

const loadOf = ({ segments }: Figures, seq: number): number => {
  const { seats = 0, sold = 0 } = segments[seq] ?? {};
  return seats === 0 ? 0 : (sold / seats) * 100;
};

const signed = (difference: number, show: Row['show']): string =>
  `${difference < 0 ? '-' : '+'}${show(Math.abs(difference)).replace(' %', '')}`;

export const printWhatIf = (told: Told): void => {
  const { run, requests, happened, policies, position, paidShare, paymentMinutes, paidShareThen } = told;
  print(`run ${run.train} of ${run.date}: ${requests} requests up to position ${position}`);
  const heads = ['', 'happened', ...policies.map(({ name }) => name)];
  const lines = rowsOf(told).map(({ label, of, show }) => {
    const was = of(happened);
    const cells = policies.map(({ figures }) => `${show(of(figures))} (${signed(of(figures) - was, show)})`);
    return [label, show(was), ...cells];
  });
  const table = [heads, ...lines];
  const widths = heads.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  for (const line of table)
    print(
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    );
  for (const { name, otherwise, seatsNotWithdrawn } of policies) {
    const { servedNow, refusedNow, otherSeats } = otherwise;
    print(`${name}:`);
    print(`  seats only in the simulation: ${named(servedNow)}`);
    print(`  seats only when it was sold: ${named(refusedNow)}`);
    print(`  other seats than when it was sold: ${named(otherSeats)}`);
    if (seatsNotWithdrawn > 0)
      print(
        `  ${seatsNotWithdrawn} seats that an operator took out of sale have travellers in the simulation, and stay on sale`,
      );
  }
  print('Assumed:');
  print(
    `  Of orders that get seats only in the simulation, ${percent(paidShare * 100)} are paid at once and keep their tickets;`,
  );
  print(
    `    the seats of the others are free after ${paymentMinutes} minutes. When it was sold, ${percent(paidShareThen * 100)} of the orders with seats were paid.`,
  );
  print('  Orders that had seats when it was sold are paid, cancelled, given back and changed as they were.');
  print(
    '  Who did not order, because nothing was shown as free, does not order in the simulation. Limits of buyers are not checked.',
  );
  print('  Revenue is the fares of tickets that were kept. Fees are not in it.');
  for (const { stream, why } of told.setAside) print(`not understood: ${stream} from ${why} on`);
};

const named = ({ orders, first }: NamedOrders): string => {
  const more = orders > first.length ? ` and ${orders - first.length} more` : '';
  return `${orders} orders${orders === 0 ? '' : `: ${first.join(' ')}${more}`}`;
};
