import type { DomainEvent } from '../kernel/event.ts';

/** A user takes one of the few requests that may wait for them at once. `limit`: how many may. */
export type WaitlistOpened = DomainEvent<'WaitlistOpened', { readonly waitlistNo: string; readonly limit: number }>;
/** The request has come to its end, or never came. */
export type WaitlistEnded = DomainEvent<'WaitlistEnded', { readonly waitlistNo: string }>;

export type WaitlistUserEvent = WaitlistOpened | WaitlistEnded;
