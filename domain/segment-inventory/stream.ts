import { category, remembered } from '../kernel/category.ts';
import { isSeatClass } from '../kernel/seat-class.ts';
import type { ClassId } from '../train-run/stream.ts';
import type { SegmentInventoryEvent } from './events.ts';
import { evolve, type SegmentInventory, unopenedSegment } from './fold.ts';

/** `seq` counts the run's segments from 0: segment 0 lies between its first two stops. */
export type SegmentId = ClassId & { readonly seq: number };

const SEQUENCE = /^\d{1,4}$/;

export const segmentCategory = category<SegmentId, SegmentInventory, SegmentInventoryEvent>({
  name: 'segmentInventory',
  nameOf: ({ train, date, seq, seatClass }) => `${train}_${date}_${seq}_${seatClass}`,
  parse: remembered((name) => {
    const [train, date, seq = '', seatClass, ...rest] = name.split('_');
    if (train === undefined || date === undefined || !isSeatClass(seatClass) || rest.length > 0) return undefined;
    return SEQUENCE.test(seq) ? { train, date, seq: Number(seq), seatClass } : undefined;
  }),
  initial: unopenedSegment,
  evolve,
  versions: { SegmentOpened: 1, SegmentExtended: 1, SeatsHeld: 2, SeatsReleased: 2 },
});
