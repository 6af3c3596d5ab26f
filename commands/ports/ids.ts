// Ids derived from names: the same command, decided again, writes the same event ids.
import { hash } from 'node:crypto';

/** A UUID (version 8: custom) from a name; equal names give equal ids. */
export const deterministicId = (name: string): string => {
  const hex = hash('sha256', name, 'hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** Ids of one command's events; `index` 0 to 65,535 in the order decided. One hash serves them all. */
export const eventIds = (commandId: string): ((index: number) => string) => {
  const stem = stemOf(deterministicId(commandId));
  return (index) => stem + index.toString(16).padStart(4, '0');
};

/** What the ids of one command's events have in common, and no other has. */
export const stemOf = (id: string): string => id.slice(0, 32);
