// What can be asked of the orders, and how a question is read. All stores answer alike.
import type { OrderView } from '@railhead/commands/orders/order-view.ts';
import { slipsIn } from './slips.ts';
import { folded, isHan, wordsOf } from './words.ts';

export const ORDER_STATUSES = [
  'QUEUED',
  'WAIT_PAY',
  'PAID',
  'TICKETING',
  'SUCCESS',
  'FAIL',
  'REFUND',
  'CHANGE',
  'CLOSED',
] as const satisfies readonly OrderView['status'][];

export const ORDER_SORTS = ['newest', 'amount', 'departure'] as const;
/**
 * `amount`: the highest first. `departure`: by run date, then train, then the stop where the journey begins. Equal ones are
 * in the order of their numbers, the highest first where the highest are first.
 */
export type OrderSort = (typeof ORDER_SORTS)[number];

/** What orders are counted by. `date` is the run date, `day` that of the request by the railway's clock. */
export const COUNTED_BY = ['status', 'train', 'date', 'day'] as const;
export type CountedBy = (typeof COUNTED_BY)[number];

/** An order fits if it fits each part that is there. */
export type OrderFilter = {
  readonly orderNo?: string | undefined;
  readonly orderNoBegins?: string | undefined;
  readonly userId?: string | undefined;
  readonly train?: string | undefined;
  /** Run dates, both included. */
  readonly dateFrom?: string | undefined;
  readonly dateTo?: string | undefined;
  /** A station by its code or its whole name; `station` is either end of the journey. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly station?: string | undefined;
  readonly status?: string | undefined;
  readonly amountFenFrom?: number | undefined;
  readonly amountFenTo?: number | undefined;
  /** Milliseconds since the epoch, both included. */
  readonly requestedFromMs?: number | undefined;
  readonly requestedToMs?: number | undefined;
  /** A traveller's whole name; how it begins; Chinese characters or whole words anywhere in it, one after the other. */
  readonly passenger?: string | undefined;
  readonly passengerBegins?: string | undefined;
  readonly passengerHas?: string | undefined;
  /** All its words have to be found, in whatever field. */
  readonly text?: string | undefined;
};

/** The last order of a page, by what the question sorts by. */
export type OrderCursor = { readonly key: string | number; readonly orderNo: string };

export type OrderQuestion = OrderFilter & {
  readonly sort?: OrderSort | undefined;
  readonly cursor?: OrderCursor | undefined;
  readonly limit: number;
  /** Counts are of all orders that fit, whatever the page. */
  readonly countBy?: readonly CountedBy[] | undefined;
};

/** The most frequent values, those of one count in their own order. */
export type Count = { readonly value: string; readonly orders: number };
export const MAX_COUNTS = 100;
export type OrderCounts = { readonly total: number } & { readonly [By in CountedBy]?: readonly Count[] };

export type FoundOrders = {
  readonly orders: readonly OrderView[];
  readonly next: OrderCursor | undefined;
  readonly counts: OrderCounts | undefined;
};

/** A part of a text that has to be found: as these words one after the other, or in one of the other ways. */
export type TextPart = {
  readonly words: readonly string[];
  /** The word may be the beginning of a longer one. */
  readonly begins: boolean;
  readonly slips: 0 | 1 | 2;
  readonly status: string | undefined;
  readonly amountFen: number | undefined;
};

/** A shorter beginning would find too much: `g1` is a train. */
const SHORTEST_BEGINNING = 4;

/** Empty: nothing of the text can be searched, and nothing is found. */
export const textParts = (text: string): readonly TextPart[] =>
  folded(text)
    .split(' ')
    .flatMap((chunk) => {
      const status = ORDER_STATUSES.find((name) => name.toLowerCase() === chunk);
      const [, yuan, cents = ''] = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(chunk) ?? [];
      const amountFen = yuan === undefined ? undefined : Number(yuan) * 100 + Number(cents.padEnd(2, '0'));
      // What is an amount or a status is one part, though it may be of several words.
      const runs = chunk.match(/\p{sc=Han}+|\P{sc=Han}+/gu) ?? [];
      return runs.map((run) => partOf(wordsOf(run), status, amountFen));
    })
    .filter(({ words }) => words.length > 0);

const partOf = (words: readonly string[], status: string | undefined, amountFen: number | undefined): TextPart => {
  const [word = '', second] = words;
  const isOneWord = second === undefined && !isHan(word);
  return {
    words,
    begins: isOneWord && [...word].length >= SHORTEST_BEGINNING,
    slips: isOneWord ? slipsIn(word) : 0,
    status,
    amountFen,
  };
};
