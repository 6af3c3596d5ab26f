// What serving somebody who waits writes to the stream of their request. There it is decided: whoever moved the stream
// before, by giving the request up or serving it in another class, has the append refused.
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import type { WaitlistEvent } from '@railhead/domain/waitlist/events.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import type { StreamAppend } from '../ports/event-store.ts';
import { appendOf } from '../streams/append.ts';
import type { Served } from './draft.ts';

export const servedAppend = ({ waiting, lockId, meta }: Served, seatClass: SeatClass): StreamAppend => {
  const { waitlistNo, choice, revision } = waiting;
  const locked: WaitlistEvent = { type: 'WaitlistSeatsLocked', version: 1, data: { choice, seatClass, lockId } };
  const named = { ...meta, commandId: `${meta.commandId}/${lockId}` };
  return appendOf(waitlistCategory.stream(waitlistNo), revision, [locked], named);
};
