// An operator says when sales open.
import { hash } from 'node:crypto';
import { accept, type Result } from '@railhead/domain/kernel/decision.ts';
import { decide, type NamedInOpenings, namedIn, type OpeningsRefusal } from '@railhead/domain/sale-openings/decide.ts';
import type { Openings } from '@railhead/domain/sale-openings/events.ts';
import { SALE_OPENINGS, saleOpeningsCategory } from '@railhead/domain/sale-openings/stream.ts';
import type { Position } from '../ports/event-store.ts';
import { type TransactDeps, transact } from '../streams/transact.ts';
import type { NamedInTimetable } from '../timetable/named-in-timetable.ts';
import type { SaleOpeningsHere } from './sale-openings.ts';

export type SetOpeningsDeps = TransactDeps & {
  readonly openings: SaleOpeningsHere;
  readonly timetable: NamedInTimetable;
};

export type SetOpeningsAsked = {
  readonly openings: Openings;
  /** Take names that the timetable does not have yet. */
  readonly allowUnknown: boolean;
  readonly ifVersion?: readonly number[];
  readonly operator: string;
  readonly idempotencyKey: string;
  readonly correlationId: string;
};

/** `position` is 0 if they were so before. `unknown`: what was taken although the timetable does not have it. */
export type OpeningsSet = { readonly position: Position; readonly unknown: NamedInOpenings };

export const setSaleOpenings = async (
  deps: SetOpeningsDeps,
  { openings, allowUnknown, ifVersion, operator, idempotencyKey, correlationId }: SetOpeningsAsked,
): Promise<Result<OpeningsSet, OpeningsRefusal | 'CONTENDED'>> => {
  const asked = hash('sha256', JSON.stringify([operator, idempotencyKey, openings]), 'hex').slice(0, 24);
  const id = `openings-${asked}`;
  const unknown = await deps.timetable.unknownAmong(namedIn(openings));
  const hasUnknown = unknown.trains.length + unknown.stations.length > 0;
  // Before a timetable is there, nothing can be told from a slip.
  const isRefused = hasUnknown && !allowUnknown && (await deps.timetable.hasTimetable());
  const condition = { ...(ifVersion === undefined ? {} : { ifVersion }), ...(isRefused ? { unknown } : {}) };
  const origin = { commandId: id, actor: operator, correlationId };
  const done = await transact(deps, saleOpeningsCategory, SALE_OPENINGS, origin, (now, revision) =>
    decide(now, { id, openings, version: revision + 1, ...condition }),
  );
  if (!done.ok) return done;
  await deps.openings.refresh();
  return accept({ position: done.value.position, unknown });
};
