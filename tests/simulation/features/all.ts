// All features of a simulated world. A new one is a line here.
import { addingCoaches } from './adding-coaches.ts';
import { cancelling } from './cancelling.ts';
import { cancellingRuns } from './cancelling-runs.ts';
import { changingComposition } from './changing-composition.ts';
import { changingTickets } from './changing-tickets.ts';
import { declining } from './declining.ts';
import type { Feature } from './feature.ts';
import { leavingUnpaid } from './leaving-unpaid.ts';
import { paying } from './paying.ts';
import { payingAtTheEnd } from './paying-at-the-end.ts';
import { payingTwice } from './paying-twice.ts';
import { queueing } from './queueing.ts';
import { reachingLimits } from './reaching-limits.ts';
import { refunding } from './refunding.ts';
import { replaying } from './replaying.ts';
import { restarting } from './restarting.ts';
import { stopping } from './stopping.ts';
import { waiting } from './waiting.ts';
import { withdrawing } from './withdrawing.ts';

export const FEATURES: readonly Feature[] = [
  paying,
  declining,
  cancelling,
  leavingUnpaid,
  payingTwice,
  payingAtTheEnd,
  restarting,
  stopping,
  withdrawing,
  addingCoaches,
  cancellingRuns,
  changingComposition,
  refunding,
  changingTickets,
  reachingLimits,
  replaying,
  waiting,
  queueing,
];

export const featureNamed = (name: string): Feature => {
  const feature = FEATURES.find((candidate) => candidate.name === name);
  if (feature === undefined) throw new Error(`no feature is called ${name}`);
  return feature;
};
