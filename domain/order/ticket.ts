const BETWEEN = 'T';
/** The highest number of an item that a ticket's number has room for. */
export const MAX_ITEM_NO = 99;

/**
 * A ticket's number, made of its order's number and the item's. It is unique: no number is ever given to two tickets.
 */
export const ticketNoOf = (orderNo: string, itemNo: number): string => `${orderNo}${BETWEEN}${itemNo}`;

/** The order and the item of a number; undefined if no ticket can have it. */
export const parseTicketNo = (ticketNo: string): { readonly orderNo: string; readonly itemNo: number } | undefined => {
  const at = ticketNo.lastIndexOf(BETWEEN);
  const [orderNo, digits] = [ticketNo.slice(0, at), ticketNo.slice(at + 1)];
  const itemNo = /^[1-9]\d*$/.test(digits) ? Number(digits) : 0;
  return at > 0 && itemNo > 0 && itemNo <= MAX_ITEM_NO ? { orderNo, itemNo } : undefined;
};
