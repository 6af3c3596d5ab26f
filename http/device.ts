// The device that a request comes from: a name that an installation of a client keeps, so that one device with many
// accounts is one.
import type { IncomingMessage } from 'node:http';
import { headerOf } from './header.ts';
import { Problem } from './problem.ts';

export const DEVICE_HEADER = 'Railhead-Device';
const DEVICE = /^[\x21-\x7e]{1,128}$/;

/** Undefined where the client gives none. Throws `Problem` INVALID_REQUEST. */
export const deviceOf = (request: IncomingMessage): string | undefined => {
  const device = headerOf(request, DEVICE_HEADER);
  if (device !== undefined && !DEVICE.test(device))
    throw new Problem('INVALID_REQUEST', `${DEVICE_HEADER}: 1 to 128 visible ASCII characters`);
  return device;
};
