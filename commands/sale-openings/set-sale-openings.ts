// An operator says when sales open.
import { hash } from 'node:crypto';
import { accept, type Result } from '@railhead/domain/kernel/decision.ts';
import { decide, type OpeningsRefusal } from '@railhead/domain/sale-openings/decide.ts';
import type { Openings } from '@railhead/domain/sale-openings/events.ts';
import { SALE_OPENINGS, saleOpeningsCategory } from '@railhead/domain/sale-openings/stream.ts';
import type { Position } from '../ports/event-store.ts';
import { type TransactDeps, transact } from '../streams/transact.ts';
import type { SaleOpeningsHere } from './sale-openings.ts';

export type SetOpeningsDeps = TransactDeps & { readonly openings: SaleOpeningsHere };

export type SetOpeningsAsked = {
  readonly openings: Openings;
  readonly ifVersion?: readonly number[];
  readonly operator: string;
  readonly idempotencyKey: string;
  readonly correlationId: string;
};

/** `position` is 0 if they were so before. */
export const setSaleOpenings = async (
  deps: SetOpeningsDeps,
  { openings, ifVersion, operator, idempotencyKey, correlationId }: SetOpeningsAsked,
): Promise<Result<{ readonly position: Position }, OpeningsRefusal | 'CONTENDED'>> => {
  const asked = hash('sha256', JSON.stringify([operator, idempotencyKey, openings]), 'hex').slice(0, 24);
  const id = `openings-${asked}`;
  const condition = ifVersion === undefined ? {} : { ifVersion };
  const origin = { commandId: id, actor: operator, correlationId };
  const done = await transact(deps, saleOpeningsCategory, SALE_OPENINGS, origin, (now, revision) =>
    decide(now, { id, openings, version: revision + 1, ...condition }),
  );
  if (!done.ok) return done;
  await deps.openings.refresh();
  return accept({ position: done.value.position });
};
