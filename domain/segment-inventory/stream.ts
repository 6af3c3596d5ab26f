import type { SeatClass } from '../train-run/composition.ts';

export const SEGMENT_CATEGORY = 'segmentInventory';

/** `seq` counts the run's segments from 0: segment 0 lies between its first two stops. */
export const segmentStream = (train: string, date: string, seq: number, seatClass: SeatClass): string =>
  `${SEGMENT_CATEGORY}-${train}_${date}_${seq}_${seatClass}`;
