// The classes of travel on sale.

/** Field names of the public API; `standing` is sold by count, not by seat. */
export const SEAT_CLASSES = [
  'business',
  'first',
  'second',
  'softSleeper',
  'hardSleeper',
  'softSeat',
  'hardSeat',
  'standing',
] as const;
export type SeatClass = (typeof SEAT_CLASSES)[number];

export const isSeatClass = (text: string | undefined): text is SeatClass =>
  SEAT_CLASSES.some((seatClass) => seatClass === text);
