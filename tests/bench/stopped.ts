// Ends the server of a benchmark as an operator does, and says so if it does not end.
import type { RailheadProcess } from '../support/railhead-process.ts';

const STOP_LIMIT_MS = 30_000;

export const stopped = async (server: RailheadProcess): Promise<void> => {
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    limit = setTimeout(() => reject(new Error(`railhead up did not stop in ${STOP_LIMIT_MS} ms`)), STOP_LIMIT_MS);
  });
  try {
    await Promise.race([server.stop(), late]);
  } finally {
    clearTimeout(limit);
  }
};
