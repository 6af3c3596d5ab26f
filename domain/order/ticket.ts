/** A ticket's number: its order's number and the item; valid for ever, so never given out again. */
export const ticketNoOf = (orderNo: string, itemNo: number): string => `${orderNo}T${itemNo}`;
