// Reads from the log what travellers must hear, in its order. Whoever delivers it keeps the position up to which it did.

import type { Category } from '@railhead/domain/kernel/category.ts';
import type { AnyEvent } from '@railhead/domain/kernel/event.ts';
import { type NotificationRequested, notificationOf } from '@railhead/domain/notification/notification.ts';
import { waitlistNotificationOf } from '@railhead/domain/notification/waitlist-notification.ts';
import { orderCategory } from '@railhead/domain/order/stream.ts';
import { waitlistCategory } from '@railhead/domain/waitlist/stream.ts';
import type { EventStore, Position, RecordedEvent } from '../ports/event-store.ts';

/** `id` is that of the event it tells of, and the same whenever it is read. */
export type ReadNotification = NotificationRequested & {
  readonly id: string;
  readonly position: Position;
  readonly at: string;
};

/** `next`: go on after this position. `atEnd`: nothing more was in the log. */
export type NotificationPage = {
  readonly notifications: readonly ReadNotification[];
  readonly next: Position;
  readonly atEnd: boolean;
};

/** Where a store counts events of other categories as read, a page may have none of orders; then the next one is read. */
const MOST_PAGES = 100;

/**
 * Of at most `limit` events of orders and waitlist requests after a position. Of a stream that this version does not
 * understand there are none, from its first event on.
 */
export const readNotifications = async (
  store: EventStore,
  { after, limit }: { readonly after: Position; readonly limit: number },
): Promise<NotificationPage> => {
  const events: RecordedEvent[] = [];
  let [position, caughtUp] = [after, false];
  for (let page = 0; page < MOST_PAGES && events.length === 0 && !caughtUp; page += 1) {
    const read = await store.readAll({
      after: position,
      limit,
      categories: [orderCategory.name, waitlistCategory.name],
    });
    events.push(...read.events);
    ({ position, caughtUp } = read);
  }
  const streams = [...new Set(events.map(({ stream }) => stream))];
  const told = (await Promise.all(streams.map((stream) => toldIn(store, stream)))).flat();
  const notifications = told
    .filter((one) => one.position > after && one.position <= position)
    .sort((a, b) => a.position - b.position);
  return { notifications, next: position, atEnd: caughtUp };
};

/** All that was ever to be told of one order, or of one waitlist request. */
const toldIn = async (store: EventStore, stream: string): Promise<readonly ReadNotification[]> => {
  const events: readonly RecordedEvent[] = await store.readStream(stream);
  return waitlistCategory.holds({ stream })
    ? toldBy(waitlistCategory, events, waitlistNotificationOf)
    : toldBy(orderCategory, events, notificationOf);
};

const toldBy = <State, Event extends AnyEvent>(
  category: Category<string, State, Event>,
  events: readonly RecordedEvent[],
  notificationFor: (state: State, event: Event) => NotificationRequested | undefined,
): readonly ReadNotification[] => {
  const told: ReadNotification[] = [];
  let state = category.initial();
  for (const event of events) {
    if (!category.owns(event)) return [];
    state = category.evolve(state, event);
    const notification = notificationFor(state, event);
    const { id, position, meta } = event;
    if (notification !== undefined) told.push({ ...notification, id, position, at: meta.at });
  }
  return told;
};
