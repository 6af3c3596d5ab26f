// Tells that the client has closed its connection, or has its answer: from then on nobody waits.
import type { Response } from 'express';

export const clientGone = (response: Response): AbortSignal => {
  const gone = new AbortController();
  if (response.closed) gone.abort();
  else response.once('close', () => gone.abort());
  return gone.signal;
};
