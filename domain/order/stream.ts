export const ORDER_CATEGORY = 'order';

export const orderStream = (orderNo: string): string => `${ORDER_CATEGORY}-${orderNo}`;
