// States as a store that others can write has them: with a checksum, over the name as well, so that no other bytes than
// those that were written are taken for a state.
import { crc32 } from 'node:zlib';

const SEAL_BYTES = 4;

const sealOf = (name: string, value: Uint8Array): number => crc32(value, crc32(name));

/** What is empty removes a state, and stays empty. */
export const sealed = (name: string, value: Uint8Array): Uint8Array => {
  if (value.length === 0) return value;
  const bytes = new Uint8Array(SEAL_BYTES + value.length);
  new DataView(bytes.buffer).setUint32(0, sealOf(name, value));
  bytes.set(value, SEAL_BYTES);
  return bytes;
};

/** Undefined where nothing is stored. */
export type OpenedState = { readonly value: Uint8Array | undefined } | 'damaged';

export const openedState = (name: string, stored: Uint8Array | undefined): OpenedState => {
  if (stored === undefined) return { value: undefined };
  if (stored.length <= SEAL_BYTES) return 'damaged';
  const value = stored.subarray(SEAL_BYTES);
  const seal = new DataView(stored.buffer, stored.byteOffset, SEAL_BYTES).getUint32(0);
  return seal === sealOf(name, value) ? { value } : 'damaged';
};
