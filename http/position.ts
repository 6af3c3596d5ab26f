// Positions of the log in headers: every write returns one, and a read that sends it back sees that write.

export const POSITION_HEADER = 'Railhead-Position';
export const MIN_POSITION_HEADER = 'Railhead-Min-Position';

/** Empty for position 0, when nothing was written. */
export const positionHeader = (position: number): Record<string, string> =>
  position > 0 ? { [POSITION_HEADER]: String(position) } : {};
