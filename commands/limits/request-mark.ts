/** Tells apart two requests under one idempotency key, which have one order number: the beginning of the request's hash. */
export const requestMarkOf = (requestHash: string): string => requestHash.slice(0, 8);
