// Checks an order request on its own, before any seat is looked at.
import { type Refusal, refuse } from '../kernel/decision.ts';
import type { OrderRequest } from './events.ts';
import { comparedDocumentNo } from './identity.ts';

/** The sale's rule: at most five travellers in an order. */
export const MAX_PASSENGERS = 5;

export type RequestDefect = 'PASSENGER_COUNT' | 'PASSENGER_TWICE' | 'REQUEST_DEFECTIVE';

/** The first thing that is wrong with a request; undefined if it is sound. */
export const requestDefect = (request: OrderRequest): Refusal<RequestDefect> | undefined => {
  const { passengers, faresFen, from, to } = request;
  if (passengers.length < 1 || passengers.length > MAX_PASSENGERS)
    return refuse('PASSENGER_COUNT', `an order has 1 to ${MAX_PASSENGERS} passengers, not ${passengers.length}`)
      .refusal;
  const people = new Set(passengers.map(({ idType, idNo }) => `${idType}:${comparedDocumentNo(idNo)}`));
  if (people.size < passengers.length)
    return refuse('PASSENGER_TWICE', 'a passenger is named twice; each needs a document of their own').refusal;
  if (faresFen.length !== passengers.length || faresFen.some((fare) => !Number.isSafeInteger(fare) || fare < 0))
    return refuse('REQUEST_DEFECTIVE', 'there must be one fare per passenger').refusal;
  if (from < 0 || from >= to) return refuse('REQUEST_DEFECTIVE', 'the journey must go forward').refusal;
  return undefined;
};
