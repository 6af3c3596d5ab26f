// Who feeds a read model that several processes have: this one, by a name that no other ever had.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** Host and process are for people who look into the store. */
export const newOwner = (): string => `${hostname()} ${process.pid} ${randomUUID()}`;
