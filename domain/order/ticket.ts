/**
 * A ticket's number, made of its order's number and the item's. It is unique: no number is ever given to two tickets.
 */
export const ticketNoOf = (orderNo: string, itemNo: number): string => `${orderNo}T${itemNo}`;
