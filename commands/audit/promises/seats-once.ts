// No seat twice: on each segment a seat has one holder at a time.
import type { SeatHold, SegmentInventoryEvent } from '@railhead/domain/segment-inventory/events.ts';
import type { SegmentInventory } from '@railhead/domain/segment-inventory/fold.ts';
import { segmentCategory } from '@railhead/domain/segment-inventory/stream.ts';
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
        case 'SeatsHeld':
          if (event.data.holds.length === 0 || event.data.holds.some(({ seats }) => seats.length === 0))
            violations.add('HOLD_DIFFERS', `${at}: it holds nothing`);
          return;
        case 'SeatsReleased': {
          const wrong = releasesDefect(segment, event.data.releases);
          if (wrong !== undefined) violations.add('HOLD_DIFFERS', `${at}: ${wrong}`);
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

/** A hold of a lock that holds already, or of a seat that is not free; also within the event. */
const contradictionBy = (segment: SegmentInventory, event: SegmentInventoryEvent): string | undefined => {
  if (event.type === 'SeatsReleased') {
    const stranger = event.data.releases.find(({ lockId }) => !segment.holds.has(lockId));
    return stranger && `${stranger.lockId} gives back seats that it does not hold`;
  }
  if (event.type !== 'SeatsHeld') return undefined;
  const locks = new Set<string>();
  const holders = new Map<number, string>();
  for (const { lockId, seats } of event.data.holds) {
    if (segment.holds.has(lockId) || locks.has(lockId)) return `${lockId} holds seats again`;
    locks.add(lockId);
    if (new Set(seats).size < seats.length) return `${lockId} holds a seat twice: ${seats.join()}`;
    for (const seat of seats) {
      const holder = segment.holderOf.get(seat) ?? holders.get(seat);
      if (holder !== undefined) return `${lockId} holds seat ${seat}, held by ${holder}`;
      if (!(seat >= 0 && seat < segment.seats)) return `${lockId} holds seat ${seat} of ${segment.seats}`;
      holders.set(seat, lockId);
    }
  }
  return undefined;
};

const releasesDefect = (segment: SegmentInventory, releases: readonly SeatHold[]): string | undefined => {
  if (releases.length === 0) return 'it gives nothing back';
  const freed = new Set<number>();
  for (const { lockId, seats } of releases) {
    if (seats.length === 0 || !seats.every((seat) => segment.holderOf.get(seat) === lockId && !freed.has(seat)))
      return `${lockId} gives back ${seats.join()}, which are not its seats`;
    for (const seat of seats) freed.add(seat);
    if (new Set(seats).size < seats.length) return `${lockId} gives a seat back twice: ${seats.join()}`;
  }
  return undefined;
};
