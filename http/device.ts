// The device that a request comes from: a name that an installation of a client keeps, so that one device with many
// accounts is one.
import type { Request } from 'express';
import { Problem } from './problem.ts';

export const DEVICE_HEADER = 'Railhead-Device';
const DEVICE = /^[\x21-\x7e]{1,128}$/;

/** Undefined where the client gives none. Throws `Problem` INVALID_REQUEST. */
export const deviceOf = (request: Request): string | undefined => {
  const device = request.get(DEVICE_HEADER);
  if (device !== undefined && !DEVICE.test(device))
    throw new Problem('INVALID_REQUEST', `${DEVICE_HEADER}: 1 to 128 visible ASCII characters`);
  return device;
};
