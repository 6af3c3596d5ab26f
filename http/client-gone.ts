// Tells that the client has closed its connection, or has its answer: from then on nobody waits.
import type { ServerResponse } from 'node:http';

/** Without a reason of ours an abort would make an error, with a stack, for every answer. */
const GONE = 'the client has gone';

export const clientGone = (response: ServerResponse): AbortSignal => {
  const gone = new AbortController();
  if (response.closed) gone.abort(GONE);
  else response.once('close', () => gone.abort(GONE));
  return gone.signal;
};
