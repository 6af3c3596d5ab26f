// No seat twice: on each segment a seat has one holder at a time, and a hold takes the seats of its lock's plan.
import type { SegmentInventoryEvent } from '@railhead/domain/segment-inventory/events.ts';
import type { SegmentInventory } from '@railhead/domain/segment-inventory/fold.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
import { isIdOf, legsDefect, samePlan, segmentHasSeatsOf } from '../plans.ts';
import { observing, type PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

export const seatsOnce: PromiseOf = (ledger) => {
  const violations = new Violations();
  return {
    ...observing(segmentCategory, (event, id) => {
      const { seq } = id;
      const audited = ledger.classOf(id);
      const segment = audited?.stock.segments[seq];
      if (audited === undefined || segment === undefined) {
        violations.add('RUN_UNKNOWN', `${event.stream} is a segment of no run that was opened`);
        return;
      }
      // A segment with a contradiction proves nothing any more.
      if (segment.contradiction !== undefined) return;
      const at = `${event.stream} at position ${event.position}`;
      const contradiction = contradictionBy(segment, event);
      if (contradiction !== undefined) {
        violations.add('SEAT_TWICE', `${at}: ${contradiction}`);
        return;
      }
      switch (event.type) {
        case 'SegmentOpened':
        case 'SegmentExtended':
          if (!(event.data.seats > segment.seats))
            violations.add('HOLD_DIFFERS', `${at}: it has ${segment.seats} seats and gets ${event.data.seats}`);
          if ((event.type === 'SegmentOpened') !== segment.seats < 0)
            violations.add('HOLD_DIFFERS', `${at}: ${event.type} where it has ${segment.seats} seats`);
          return;
        case 'SeatsHeld': {
          const { lockId, seats, plan } = event.data;
          const other = audited.heldPlans.get(lockId);
          const wrong = legsDefect(plan.legs, audited.stock.segments.length, segment.seats);
          if (wrong !== undefined) violations.add('HOLD_DIFFERS', `${at}: the plan of ${lockId}: ${wrong}`);
          else if (!isIdOf(lockId, plan) || !segmentHasSeatsOf(plan, seq, seats))
            violations.add('HOLD_DIFFERS', `${at}: ${lockId} holds ${seats.join()}, its plan is of other seats`);
          else if (other !== undefined && !samePlan(other, plan))
            violations.add('HOLD_DIFFERS', `${at}: ${lockId} has another plan than elsewhere`);
          return;
        }
        case 'SeatsReleased': {
          const { lockId, seats } = event.data;
          const held = segment.holds.get(lockId)?.seats ?? [];
          if (seats.length === 0 || new Set(seats).size < seats.length || !seats.every((seat) => held.includes(seat)))
            violations.add('HOLD_DIFFERS', `${at}: ${lockId} gives back ${seats.join()}, which are not its seats`);
          return;
        }
        default:
      }
    }),
    findings() {
      const found = new Violations();
      for (const { key, sizes, segmentSizes } of ledger.classes.values())
        for (const seats of segmentSizes)
          if (!sizes.includes(seats))
            found.add('HOLD_DIFFERS', `a segment of ${key} has ${seats} seats, the class never had so many`);
      return [...violations.list, ...found.list];
    },
  };
};

const contradictionBy = (segment: SegmentInventory, event: SegmentInventoryEvent): string | undefined => {
  if (event.type === 'SeatsHeld') {
    const { lockId, seats } = event.data;
    if (segment.holds.has(lockId)) return `${lockId} holds seats again`;
    const taken = seats.find((seat) => segment.holderOf.has(seat));
    if (taken !== undefined) return `${lockId} holds seat ${taken}, held by ${segment.holderOf.get(taken)}`;
    if (new Set(seats).size < seats.length) return `${lockId} holds a seat twice: ${seats.join()}`;
    const missing = seats.find((seat) => !(seat >= 0 && seat < segment.seats));
    return missing === undefined ? undefined : `${lockId} holds seat ${missing} of ${segment.seats}`;
  }
  if (event.type === 'SeatsReleased' && !segment.holds.has(event.data.lockId))
    return `${event.data.lockId} gives back seats that it does not hold`;
  return undefined;
};
