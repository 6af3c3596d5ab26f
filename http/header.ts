// A header of a request as one text.
import type { IncomingMessage } from 'node:http';

/** `name` in any case; undefined where the client sent none. */
export const headerOf = ({ headers }: IncomingMessage, name: string): string | undefined => {
  const value = headers[name.toLowerCase()];
  return typeof value === 'string' || value === undefined ? value : value.join(', ');
};
