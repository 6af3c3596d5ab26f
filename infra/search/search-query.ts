// A question of the port as Elasticsearch is asked it.
import type { estypes } from '@elastic/elasticsearch';
import {
  type CountedBy,
  MAX_COUNTS,
  type OrderQuestion,
  type OrderSort,
  type TextPart,
  textParts,
} from '@railhead/projections/order-search/order-question.ts';
import { folded, wordsOf } from '@railhead/projections/order-search/words.ts';

type Query = estypes.QueryDslQueryContainer;

export const SORTED_BY = {
  newest: ['first', 'desc'],
  amount: ['amountFen', 'desc'],
  departure: ['leaves', 'asc'],
} as const satisfies Readonly<Record<OrderSort, readonly [string, 'asc' | 'desc']>>;

/** As many as there are, so that the count of all is exact. */
export const searchOf = (
  question: OrderQuestion,
): Pick<estypes.SearchRequest, 'query' | 'sort' | 'size' | 'search_after' | 'aggs' | 'track_total_hits'> => {
  const { sort = 'newest', cursor, limit, countBy } = question;
  const [field, direction] = SORTED_BY[sort];
  return {
    query: { bool: { filter: filtersOf(question) } },
    sort: [{ [field]: direction }, { orderNo: direction }],
    size: limit + 1,
    track_total_hits: countBy !== undefined,
    ...(cursor === undefined ? {} : { search_after: [cursor.key, cursor.orderNo] }),
    ...(countBy === undefined ? {} : { aggs: Object.fromEntries(countBy.map((by) => [by, countsOf(by)])) }),
  };
};

const countsOf = (field: CountedBy): estypes.AggregationsAggregationContainer => ({
  terms: { field, size: MAX_COUNTS, order: [{ _count: 'desc' }, { _key: 'asc' }] },
});

const NEVER: Query = { match_none: {} };

const filtersOf = (question: OrderQuestion): Query[] => {
  const { orderNo, orderNoBegins, userId, train, status, from, to, station } = question;
  const { dateFrom, dateTo, amountFenFrom, amountFenTo, requestedFromMs, requestedToMs } = question;
  const { passenger, passengerBegins, passengerHas, text } = question;
  return [
    ...is('orderNo', orderNo),
    ...begins('orderNo', orderNoBegins),
    ...is('userId', userId),
    ...is('train', train),
    ...is('status', status),
    ...between('date', dateFrom, dateTo),
    ...between('amountFen', amountFenFrom, amountFenTo),
    ...between('requestedMs', requestedFromMs, requestedToMs),
    ...is('from', from),
    ...is('to', to),
    ...(station === undefined ? [] : [either([...is('from', station), ...is('to', station)])]),
    ...is('names', passenger === undefined ? undefined : folded(passenger)),
    ...begins('names', passengerBegins === undefined ? undefined : folded(passengerBegins)),
    ...(passengerHas === undefined ? [] : [phrase('nameWords', wordsOf(folded(passengerHas)))]),
    ...(text === undefined ? [] : inText(textParts(text))),
  ];
};

const is = (field: string, value: string | undefined): Query[] =>
  value === undefined ? [] : [{ term: { [field]: { value } } }];

const begins = (field: string, value: string | undefined): Query[] =>
  value === undefined ? [] : [{ prefix: { [field]: { value } } }];

const between = (field: string, gte: string | number | undefined, lte: string | number | undefined): Query[] =>
  gte === undefined && lte === undefined
    ? []
    : [
        {
          range: {
            [field]: { ...(gte === undefined ? {} : { gte }), ...(lte === undefined ? {} : { lte }) },
          } as NonNullable<Query['range']>,
        },
      ];

const either = (ways: Query[]): Query => ({ bool: { should: ways, minimum_should_match: 1 } });

const phrase = (field: string, words: readonly string[]): Query =>
  words.length === 0 ? NEVER : { match_phrase: { [field]: { query: words.join(' ') } } };

const inText = (parts: readonly TextPart[]): Query[] => (parts.length === 0 ? [NEVER] : parts.map(waysOf));

const waysOf = ({ words, begins: mayBegin, slips, status, amountFen }: TextPart): Query => {
  const [word = ''] = words;
  return either([
    phrase('words', words),
    ...(mayBegin ? begins('words', word) : []),
    // Rewritten so that no number of words that are near is too many.
    ...(slips === 0
      ? []
      : [{ fuzzy: { words: { value: word, fuzziness: slips, transpositions: true, rewrite: 'constant_score' } } }]),
    ...is('status', status),
    ...(amountFen === undefined ? [] : [{ term: { amountFen: { value: amountFen } } }]),
  ]);
};
