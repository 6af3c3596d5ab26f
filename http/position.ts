// Positions of the log in headers: every write answers with one, every read takes it back and sees that write.

export const POSITION_HEADER = 'Railhead-Position';
export const MIN_POSITION_HEADER = 'Railhead-Min-Position';

/** Nothing for 0: nothing was written. */
export const positionHeader = (position: number): Record<string, string> =>
  position > 0 ? { [POSITION_HEADER]: String(position) } : {};
