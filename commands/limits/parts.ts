// A reservation in its parts: what it decides in each stream that it concerns.
import { type BuyerRefusal, decide as decideBuyer } from '@railhead/domain/buyer/decide.ts';
import type { ReservedTickets } from '@railhead/domain/buyer/fold.ts';
import { buyerCategory } from '@railhead/domain/buyer/stream.ts';
import type { Category } from '@railhead/domain/kernel/category.ts';
import type { Decision, Refusal } from '@railhead/domain/kernel/decision.ts';
import type { AnyEvent, EventMeta } from '@railhead/domain/kernel/event.ts';
import type { OrderRequest } from '@railhead/domain/order/events.ts';
import { decide as decideQueuePlace, type QueuePlaceRefusal } from '@railhead/domain/queue-place/decide.ts';
import { queuePlaceCategory } from '@railhead/domain/queue-place/stream.ts';
import { decide as decideTraveller, type Replaced, type TravellerRefusal } from '@railhead/domain/traveller/decide.ts';
import type { ReservedJourney } from '@railhead/domain/traveller/fold.ts';
import { travellerCategory } from '@railhead/domain/traveller/stream.ts';
import type { RecordedEvent, StreamAppend } from '../ports/event-store.ts';
import type { PlaceToUse } from '../queue/queue-gate.ts';
import type { RunAsOpened } from '../runs/run-directory.ts';
import { expectedAfter, idsOf } from '../streams/append.ts';
import { foldStream, type Loaded } from '../streams/load.ts';
import type { FoldedStream } from './folded-streams.ts';
import { documentKey, userKey } from './keys.ts';
import type { Limits } from './limits.ts';
import { requestMarkOf } from './request-mark.ts';
import { travelOf } from './travel.ts';

export type PartRefusal = TravellerRefusal | BuyerRefusal | QueuePlaceRefusal | 'CANCELLED_TOO_OFTEN';

/** Tickets of an order that are counted, or are in the way. */
export type Blocker = {
  readonly orderNo: string;
  readonly requestMark: string;
  readonly itemNos: readonly number[];
  readonly since: string;
};

export type Attempt =
  | { readonly ok: true; readonly append: StreamAppend }
  | { readonly ok: false; readonly refusal: Refusal<PartRefusal>; readonly blockers: readonly Blocker[] };

/** Names one ticket of an order. */
export const ticketName = (orderNo: string, itemNo: number): string => `${orderNo}/${itemNo}`;

export type Part = FoldedStream & {
  /**
   * Decides on what `fold` made of the stream; undefined: there are no events. Tickets among `voids` do not stand any more: they are released first. `name`
   * names the command; ids of events follow from it and from the revision, since a part may be reserved, released and
   * reserved again.
   */
  readonly reserve: (
    folded: Loaded<unknown> | undefined,
    voids: ReadonlySet<string>,
    name: string,
    meta: EventMeta,
  ) => Attempt;
  /** Undefined where these tickets of the order are not reserved. */
  readonly release: (
    folded: Loaded<unknown>,
    itemNos: readonly number[],
    name: string,
    meta: EventMeta,
  ) => StreamAppend | undefined;
  /** Does the order's reservation stand as it was written at this revision, or has it been written again, or released? */
  readonly standsSince: (events: readonly RecordedEvent[], revision: number) => boolean;
};

type Kind<State, Event> = {
  readonly reserve: (state: State) => Decision<Event, PartRefusal>;
  readonly release: (state: State, blocker: Pick<Blocker, 'orderNo' | 'itemNos'>) => Decision<Event, PartRefusal>;
  readonly blockers: (state: State) => readonly Blocker[];
};

const partOf = <Id, State, Event extends AnyEvent>(
  category: Category<Id, State, Event>,
  id: Id,
  orderNo: string,
  kind: Kind<State, Event>,
): Part => {
  const stream = category.stream(id);
  const appendAt = (revision: number, events: readonly Event[], name: string, meta: EventMeta): StreamAppend => {
    const idOf = idsOf(`${name}/${stream}@${revision}`, events);
    return {
      stream,
      expected: expectedAfter(revision),
      events: events.map((event, index) => ({ ...event, id: idOf(index), meta })),
    };
  };
  const known = (folded: Loaded<unknown>) => folded as Loaded<State>; // safe cast: `fold` made it of a stream of this category
  const fold: Part['fold'] = (events, before) =>
    foldStream(category, events, before === undefined ? undefined : known(before));
  return {
    stream,
    fold,
    reserve: (folded, voids, name, meta) => {
      const loaded = known(folded ?? fold([]));
      let { state } = loaded;
      const decided: Event[] = [];
      const take = (decision: Decision<Event, PartRefusal>): void => {
        if (!decision.ok) return;
        for (const event of decision.value) {
          state = category.evolve(state, { ...event, meta });
          decided.push(event);
        }
      };
      for (const blocker of kind.blockers(state)) {
        const itemNos = blocker.itemNos.filter((itemNo) => voids.has(ticketName(blocker.orderNo, itemNo)));
        if (itemNos.length > 0) take(kind.release(state, { ...blocker, itemNos }));
      }
      const decision = kind.reserve(state);
      if (!decision.ok) {
        const { blockers, ...extra } = decision.refusal.extra ?? {};
        const named = new Set(blockers === undefined ? [] : (blockers as readonly Blocker[]).map((one) => one.orderNo)); // decisions of both categories put them there
        return {
          ok: false,
          refusal: { ...decision.refusal, extra },
          blockers: kind.blockers(state).filter((one) => named.has(one.orderNo)),
        };
      }
      take(decision);
      return { ok: true, append: appendAt(loaded.revision, decided, name, meta) };
    },
    release: (folded, itemNos, name, meta) => {
      const { state, revision } = known(folded);
      const decision = kind.release(state, { orderNo, itemNos });
      if (!decision.ok || decision.value.length === 0) return undefined;
      return appendAt(revision, decision.value, name, meta);
    },
    standsSince: (events, revision) =>
      events.findLast((event) => category.owns(event) && orderOf(event.data) === orderNo)?.revision === revision,
  };
};

const orderOf = (data: unknown): unknown => (data as { readonly orderNo: string }).orderNo; // all events of these categories have it

/** What is reserved, for whom. `replaces`: tickets that are exchanged for those of this order. */
export type Reservation = {
  readonly orderNo: string;
  readonly requestHash: string;
  readonly request: OrderRequest;
  readonly run: RunAsOpened;
  readonly replaces?: Replaced;
  /** The place in the queue of the run by which the order may be placed. */
  readonly queuePlace?: PlaceToUse;
};

/** The parts of an order's reservation under these limits; none where nothing is limited. */
export const partsOf = (secret: string, limits: Limits, reservation: Reservation): readonly Part[] => {
  const { request } = reservation;
  const limit = limits.ticketsPerTrain(request.userId);
  const buyer = limit === Number.POSITIVE_INFINITY ? [] : [buyerPart(secret, reservation, limit)];
  if (limits.mayOverlap && limits.ticketsPerDocument === Number.POSITIVE_INFINITY) return buyer;
  return [
    ...buyer,
    ...request.passengers.flatMap((_, index) => travellerParts(secret, limits, reservation, index + 1)),
  ];
};

export const buyerPart = (
  secret: string,
  { orderNo, requestHash, request, replaces }: Reservation,
  limit: number,
): Part => {
  const id = { key: userKey(secret, request.userId), date: request.date };
  const itemNos = request.passengers.map((_, index) => index + 1);
  const tickets = { orderNo, requestMark: requestMarkOf(requestHash), train: request.train, itemNos, limit };
  const wanted = { ...tickets, ...(replaces === undefined ? {} : { replaces }) };
  return partOf(buyerCategory, id, orderNo, {
    reserve: (state) => decideBuyer(state, { type: 'Reserve', ...wanted }),
    release: (state, released) => decideBuyer(state, { type: 'Release', ...released }),
    blockers: ({ reserved }): readonly ReservedTickets[] => reserved,
  });
};

/** A place that was used stays used, whatever becomes of the order: nothing that has ended makes room for another. */
export const queuePlacePart = (
  { orderNo, requestHash }: Pick<Reservation, 'orderNo' | 'requestHash'>,
  { user, ...id }: PlaceToUse,
): Part =>
  partOf(queuePlaceCategory, id, orderNo, {
    reserve: (state) =>
      decideQueuePlace(state, { type: 'Use', orderNo, requestMark: requestMarkOf(requestHash), user }),
    release: (state) => decideQueuePlace(state, { type: 'Return', orderNo }),
    blockers: () => [],
  });

/** One part for each day of the journey. */
export const travellerParts = (
  secret: string,
  limits: Pick<Limits, 'ticketsPerDocument' | 'mayOverlap'>,
  { orderNo, requestHash, request, run, replaces }: Reservation,
  itemNo: number,
): readonly Part[] => {
  const passenger = request.passengers[itemNo - 1];
  if (passenger === undefined) return [];
  const { from, to, dates } = travelOf(run, request);
  const { train, date } = request;
  const { ticketsPerDocument, mayOverlap } = limits;
  const key = documentKey(secret, passenger);
  const asked = {
    journey: { orderNo, requestMark: requestMarkOf(requestHash), itemNo, train, date, from, to },
    mayOverlap,
    ...(ticketsPerDocument === Number.POSITIVE_INFINITY ? {} : { limit: ticketsPerDocument }),
    ...(replaces === undefined ? {} : { replaces }),
  };
  return dates.map((day) =>
    partOf(travellerCategory, { key, date: day }, orderNo, {
      reserve: (state) => withPassenger(itemNo, decideTraveller(state, { type: 'Reserve', day, ...asked })),
      release: (state, released) =>
        state.journeys.some((one) => one.orderNo === released.orderNo && released.itemNos.includes(one.itemNo))
          ? decideTraveller(state, { type: 'Release', orderNo: released.orderNo })
          : { ok: true, value: [] },
      blockers: ({ journeys }) => journeys.map(blockerOf),
    }),
  );
};

const blockerOf = ({ orderNo, requestMark, itemNo, since }: ReservedJourney): Blocker => ({
  orderNo,
  requestMark,
  itemNos: [itemNo],
  since,
});

/** A refusal says which passenger it is about, by number from 1. */
const withPassenger = <Event, Code extends string>(
  passenger: number,
  decision: Decision<Event, Code>,
): Decision<Event, Code> =>
  decision.ok
    ? decision
    : { ok: false, refusal: { ...decision.refusal, extra: { ...decision.refusal.extra, passenger } } };
