export const RUN_CATEGORY = 'trainRun';

/** `date` is the run date, `YYYY-MM-DD`. */
export const runStream = (train: string, date: string): string => `${RUN_CATEGORY}-${train}_${date}`;
