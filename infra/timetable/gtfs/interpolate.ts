// Fills in times of calls that a feed leaves blank between its timepoints.

export type Times = { readonly arrives: number | null; readonly departs: number | null };

/** A missing arrival or departure gets the other one's time; blank calls are spread evenly between timed ones. */
export const interpolated = (calls: readonly Times[]): readonly Times[] => {
  const filled = calls.map(({ arrives, departs }) => ({ arrives: arrives ?? departs, departs: departs ?? arrives }));
  let from = -1;
  for (const [to, { arrives: until }] of filled.entries()) {
    if (until === null) continue;
    const since = filled[from]?.departs ?? until;
    for (let blank = from + 1; from >= 0 && blank < to; blank += 1) {
      const minute = Math.round(since + ((until - since) * (blank - from)) / (to - from));
      filled[blank] = { arrives: minute, departs: minute };
    }
    from = to;
  }
  return filled;
};
