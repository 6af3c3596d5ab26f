// A waitlist request as the log has it now.

import type { Waitlist } from '@railhead/domain/waitlist/fold.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import type { EventStore } from '../ports/event-store.ts';
import { type Loaded, load } from '../streams/load.ts';

export const loadWaitlist = (store: Pick<EventStore, 'readStream'>, waitlistNo: string): Promise<Loaded<Waitlist>> =>
  load(store, waitlistCategory, waitlistNo);
