// What is expected of a store that orders are searched in: one suite of questions with their right answers for all of
// them, and what becomes of documents that are put late, again, or by somebody else.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { fingerprintOf } from '@railhead/commands/ports/event-store.ts';
import type { OrderIndex } from '@railhead/projections/order-search/order-index.ts';
import {
  ORDER_SORTS,
  type OrderCursor,
  type OrderQuestion,
  type OrderSort,
} from '@railhead/projections/order-search/order-question.ts';
import { isWithin } from '@railhead/projections/order-search/slips.ts';
import { documentsOf, SEARCHED_EVENTS } from '../support/searched-orders.ts';
import { seededRandom } from '../support/seeded-random.ts';

/** An index without documents, of which this process is the owner. */
export type OpenIndex = () => Promise<OrderIndex>;

const [ALICE, BOB, ADA, CAROL, DAVE, ERIN, BIG] = [
  '7QHV2M0KX4RD',
  '7QHV9Z3T5WNC',
  'A1B2C3D4E5F6',
  'A1B2Z9Y8X7W6',
  'K8K8K8K8K8K8',
  'M0M0M0M0M0M0',
  'ZZTOP1234567',
] as const;
/** The newest first, as all answers here. */
const ALL = [BIG, ERIN, DAVE, CAROL, ADA, BOB, ALICE];

const ms = (text: string): number => Date.parse(text);

type Asked = readonly [what: string, filter: Omit<OrderQuestion, 'limit'>, answer: readonly string[]];

const QUESTIONS: readonly Asked[] = [
  ['nothing in particular', {}, ALL],
  ['an order number', { orderNo: ALICE }, [ALICE]],
  ['a number that there is not', { orderNo: '7QHV' }, []],
  ['a number in small letters, which is another', { orderNo: 'zztop1234567' }, []],
  ['the beginning of two numbers', { orderNoBegins: '7QHV' }, [BOB, ALICE]],
  ['the beginning of one', { orderNoBegins: '7QHV2' }, [ALICE]],
  ['a whole number as a beginning', { orderNoBegins: ADA }, [ADA]],
  ['more than a number as a beginning', { orderNoBegins: `${ADA}0` }, []],
  ['the middle of a number as a beginning', { orderNoBegins: 'HV2' }, []],
  ['what would be a pattern', { orderNoBegins: '7%' }, []],
  ['a user', { userId: 'alice' }, [ADA, ALICE]],
  ['a user whose name differs in a capital', { userId: 'Alice' }, [BIG]],
  ['the beginning of a user, which is nobody', { userId: 'ali' }, []],
  ['a user with a dot', { userId: 'carol.smith' }, [CAROL]],
  ['a train', { train: 'G1' }, [BIG, BOB, ALICE]],
  ['a train whose number begins with the same', { train: 'G10' }, [ADA]],
  ['a train that has no orders', { train: 'G2' }, []],
  ['one run date', { dateFrom: '2026-12-02', dateTo: '2026-12-02' }, [CAROL, ADA]],
  ['run dates from one on', { dateFrom: '2026-12-03' }, [BIG, ERIN, DAVE]],
  ['run dates up to one', { dateTo: '2026-12-01' }, [BOB, ALICE]],
  ['run dates that end before they begin', { dateFrom: '2026-12-03', dateTo: '2026-12-02' }, []],
  ['a run', { train: 'G1', dateFrom: '2026-12-01', dateTo: '2026-12-01' }, [BOB, ALICE]],
  ['where they leave, by code', { from: 'VNP' }, [BIG, ADA, ALICE]],
  ['where they leave, by name', { from: '南京' }, [BOB]],
  ['where they leave, by half a name', { from: '北京' }, []],
  ['where they go, by code', { to: 'NKH' }, [ERIN, ADA]],
  ['where they go, by a name with an apostrophe', { to: "Xi'an North" }, [DAVE]],
  ['a station at either end', { station: 'EAY' }, [DAVE, CAROL]],
  ['a station at either end, by name', { station: '北京南' }, [BIG, CAROL, ADA, ALICE]],
  ['both ends', { from: 'VNP', to: 'AOH' }, [BIG, ALICE]],
  ['both ends the other way round', { from: 'AOH', to: 'VNP' }, []],
  ['those that wait for their payment', { status: 'WAIT_PAY' }, [BIG, BOB]],
  ['those that are paid, one of them with nothing to pay', { status: 'PAID' }, [ERIN, DAVE, ADA]],
  ['those that were cancelled', { status: 'CLOSED' }, [CAROL]],
  ['a status that none has', { status: 'SUCCESS' }, []],
  ['an amount', { amountFenFrom: 60_650, amountFenTo: 60_650 }, [DAVE, ALICE]],
  ['amounts from one on', { amountFenFrom: 60_651 }, [BIG, ADA]],
  ['amounts up to nothing', { amountFenTo: 0 }, [ERIN]],
  ['amounts after the seats were held, not at the request', { amountFenFrom: 27_900, amountFenTo: 27_900 }, [BOB]],
  [
    'requests of one day',
    { requestedFromMs: ms('2026-11-20T00:00:00+08:00'), requestedToMs: ms('2026-11-20T23:59:59.999+08:00') },
    [ADA, BOB, ALICE],
  ],
  ['requests from an instant on', { requestedFromMs: ms('2026-11-21T00:00:00+08:00') }, [BIG, ERIN, DAVE, CAROL]],
  ['requests up to an instant', { requestedToMs: ms('2026-11-20T08:00:00+08:00') }, [ALICE]],
  ['a traveller by the whole name', { passenger: '张三' }, [ALICE]],
  ['a traveller by the whole name, in another script', { passenger: '張三' }, [BIG]],
  ['a traveller by the whole name, in capitals', { passenger: 'ADA LOVELACE' }, [ADA]],
  ['a traveller by the whole name without its accents', { passenger: 'jose garcia' }, [ERIN]],
  ['a traveller by half a name', { passenger: 'Ada' }, []],
  ['how a name begins', { passengerBegins: '张三' }, [ADA, ALICE]],
  ['the family name', { passengerBegins: '张' }, [BIG, ADA, ALICE]],
  ['a family name of two characters', { passengerBegins: '欧阳' }, [CAROL]],
  ['how a name of letters begins', { passengerBegins: 'ada lov' }, [ADA]],
  ['the end of a name as its beginning', { passengerBegins: 'lovelace' }, []],
  ['a character anywhere in a name', { passengerHas: '三' }, [BIG, ERIN, ADA, ALICE]],
  ['a character that stands outside of the first plane', { passengerHas: '𠮷' }, [ERIN]],
  ['two characters in a name', { passengerHas: '三丰' }, [ADA]],
  ['two characters in the wrong order', { passengerHas: '丰三' }, []],
  ['characters of two travellers, one after the other', { passengerHas: '四王' }, []],
  ['characters on both sides of a dot', { passengerHas: '丽买' }, [DAVE]],
  ['a character of a station is in no name', { passengerHas: '京' }, []],
  ['a word anywhere in a name', { passengerHas: 'lovelace' }, [ADA]],
  ['no character at all', { passengerHas: '·' }, []],
  ['a text: an order number', { text: '7qhv2m0kx4rd' }, [ALICE]],
  ['a text: how order numbers begin', { text: '7QHV' }, [BOB, ALICE]],
  ['a text: too little of an order number', { text: '7QH' }, []],
  ['a text: a user, whatever the capitals', { text: 'ALICE' }, [BIG, ADA, ALICE]],
  ['a text: a train, and none that is longer', { text: 'g1' }, [BIG, BOB, ALICE]],
  ['a text: a run date', { text: '2026-12-03' }, [ERIN, DAVE]],
  ['a text: a station', { text: '北京' }, [BIG, CAROL, ADA, ALICE]],
  ['a text: characters of two stations', { text: '海南' }, []],
  ['a text: a code of a station', { text: 'wmr' }, [DAVE]],
  ['a text: a traveller', { text: '欧阳' }, [CAROL]],
  ['a text: one character', { text: '乌' }, [DAVE]],
  ['a text: a status', { text: 'wait_pay' }, [BIG, BOB]],
  ['a text: an amount in yuan', { text: '606.50' }, [DAVE, ALICE]],
  ['a text: an amount without cents', { text: '279' }, [BOB]],
  ['a text: several words, all of which have to be there', { text: 'alice 张三' }, [ADA, ALICE]],
  ['a text: words of which one is nowhere', { text: 'alice 李四' }, []],
  ['a text: characters and letters without a space between', { text: '北京g10' }, [ADA]],
  ['a text: a letter too much', { text: 'allice' }, [BIG, ADA, ALICE]],
  ['a text: a letter too few', { text: 'lovlace' }, [ADA]],
  ['a text: another letter', { text: 'lovelase' }, [ADA]],
  ['a text: two neighbours exchanged', { text: 'lvoelace' }, [ADA]],
  ['a text: neighbours exchanged twice', { text: 'lvoealce' }, [ADA]],
  ['a text: a slip in the first letter', { text: 'kovelace' }, [ADA]],
  ['a text: two slips in a long word', { text: 'lovelxcy' }, [ADA]],
  ['a text: three slips', { text: 'levalyce' }, []],
  ['a text: two slips in a short word', { text: 'alyze' }, []],
  ['a text: a slip in a word of four', { text: 'erim' }, []],
  ['a text: a slip in the number of a train', { text: 'D5679' }, []],
  ['a text: two slips in an order number', { text: 'K8K8K8J8K8K9' }, [DAVE]],
  ['a text: an order number with two characters exchanged', { text: 'ZZTOP2134567' }, [BIG]],
  ['a text: nothing that can be searched', { text: '!?' }, []],
  ['a text that would be a question to a database', { text: '" OR names : 张*' }, []],
  ['a text with what parts values', { text: '\u{E000}' }, []],
  [
    'all at once',
    { train: 'G1', status: 'WAIT_PAY', from: 'VNP', passengerBegins: '张', amountFenFrom: 1, text: '上海' },
    [BIG],
  ],
  [
    'the highest amount first, of equal ones the highest number',
    { sort: 'amount' },
    [BIG, ADA, DAVE, ALICE, CAROL, BOB, ERIN],
  ],
  ['the first departure first', { sort: 'departure' }, [ALICE, BOB, CAROL, ADA, ERIN, DAVE, BIG]],
];

const numbersOf = async (index: OrderIndex, question: OrderQuestion): Promise<readonly string[]> =>
  (await index.search(question, NOW)).orders.map(({ orderNo }) => orderNo);

/** Answers have to include everything that was put before. */
const NOW = Number.MAX_SAFE_INTEGER;
const LAST_EVENT = SEARCHED_EVENTS.at(-1);
const PLACE = {
  position: SEARCHED_EVENTS.length,
  fingerprint: LAST_EVENT === undefined ? '' : fingerprintOf(LAST_EVENT),
};
const DOCUMENTS = documentsOf(SEARCHED_EVENTS);

export const orderIndexContract = (name: string, open: OpenIndex): void => {
  describe(`${name}: questions`, () => {
    let index: OrderIndex;
    beforeAll(async () => {
      index = await open();
      await index.put(DOCUMENTS, PLACE, []);
    });

    test.each(QUESTIONS)('%s', async (_, filter, answer) => {
      expect(await numbersOf(index, { ...filter, limit: 20 })).toEqual(answer);
    });

    test.each(ORDER_SORTS)(
      'pages by %s have every order once, also where some come in between',
      async (sort: OrderSort) => {
        const others = await open();
        await others.put(DOCUMENTS.slice(0, 5), { ...PLACE, position: 1 }, []);
        const whole = await numbersOf(others, { sort, limit: 20 });
        for (const limit of [1, 2, 5]) {
          const seen: string[] = [];
          for (let cursor: OrderCursor | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
            const page = await others.search({ sort, limit, cursor }, NOW);
            seen.push(...page.orders.map(({ orderNo }) => orderNo));
            cursor = page.next;
            expect(page.orders.length).toBeLessThanOrEqual(limit);
            if (isFirst) await others.put(DOCUMENTS, PLACE, []);
          }
          expect(new Set(seen).size).toBe(seen.length);
          expect(seen.filter((orderNo) => whole.includes(orderNo))).toEqual(whole);
        }
      },
    );

    test('a page that is full has no cursor to an empty one', async () => {
      expect((await index.search({ limit: 7 }, NOW)).next).toBeUndefined();
      expect((await index.search({ limit: 6 }, NOW)).next).toBeDefined();
    });

    test('counts are of all orders that fit, the most frequent first', async () => {
      const countBy = ['status', 'train', 'date', 'day'] as const;
      expect((await index.search({ limit: 1, countBy }, NOW)).counts).toEqual({
        total: 7,
        status: [
          { value: 'PAID', orders: 3 },
          { value: 'WAIT_PAY', orders: 2 },
          { value: 'CLOSED', orders: 1 },
          { value: 'QUEUED', orders: 1 },
        ],
        train: [
          { value: 'G1', orders: 3 },
          { value: 'D5678', orders: 2 },
          { value: 'C2001', orders: 1 },
          { value: 'G10', orders: 1 },
        ],
        date: [
          { value: '2026-12-01', orders: 2 },
          { value: '2026-12-02', orders: 2 },
          { value: '2026-12-03', orders: 2 },
          { value: '2026-12-04', orders: 1 },
        ],
        day: [
          { value: '2026-11-20', orders: 3 },
          { value: '2026-11-21', orders: 3 },
          { value: '2026-11-22', orders: 1 },
        ],
      });
      const { counts } = await index.search({ userId: 'alice', limit: 5, countBy: ['train'] }, NOW);
      expect(counts).toEqual({
        total: 2,
        train: [
          { value: 'G1', orders: 1 },
          { value: 'G10', orders: 1 },
        ],
      });
      expect((await index.search({ limit: 5 }, NOW)).counts).toBeUndefined();
    });

    test('slips are counted alike, whatever the word and wherever they are', async () => {
      const random = seededRandom(7);
      const letter = (): string => 'abcde'[random.below(5)] ?? '';
      const word = (length: number): string => Array.from({ length }, letter).join('');
      const users = [...new Set(Array.from({ length: 60 }, () => word(4 + random.below(8))))];
      const [pattern] = DOCUMENTS;
      if (pattern === undefined) throw new Error('there are documents');
      const documents = users.map((userId, n) => ({
        ...pattern,
        orderNo: `N${n}`,
        first: n + 1,
        version: n + 1,
        names: [],
        view: { ...pattern.view, orderNo: `N${n}`, userId },
      }));
      const others = await open();
      await others.put(documents, PLACE, []);
      for (let asked = 0; asked < 60; asked += 1) {
        const text = word(5 + random.below(6));
        const slips = text.length >= 8 ? 2 : 1;
        const right = users.filter((userId) => userId.startsWith(text) || isWithin(slips, text, userId));
        const found = (await others.search({ text, limit: 100 }, NOW)).orders.map(({ userId }) => userId);
        expect([text, [...found].sort()]).toEqual([text, right.sort()]);
      }
    });
  });

  describe(`${name}: writing`, () => {
    const early = documentsOf(SEARCHED_EVENTS.slice(0, 7));

    test('a new index has no documents and is at the beginning', async () => {
      const index = await open();
      expect(await index.place()).toEqual({ position: 0, fingerprint: '', setAside: [] });
      expect(await numbersOf(index, { limit: 20 })).toEqual([]);
    });

    test('the place is that of the last batch, with all streams that were set aside', async () => {
      const index = await open();
      const stranger = { stream: 'order-N1', type: 'Strange', version: 9, position: 3 };
      await index.put(early, { position: 7, fingerprint: 'seven' }, [stranger]);
      await index.put([], { position: 9, fingerprint: 'nine' }, []);
      expect(await index.place()).toEqual({
        position: 9,
        fingerprint: 'nine',
        setAside: [expect.objectContaining(stranger)],
      });
    });

    test('documents come back as they were put', async () => {
      const index = await open();
      await index.put(DOCUMENTS, PLACE, []);
      const back = await index.documents([...DOCUMENTS.map(({ orderNo }) => orderNo), 'NOSUCHORDER']);
      expect([...back.values()].sort((a, b) => a.first - b.first)).toEqual(DOCUMENTS);
    });

    test('a document that is put late, or again, changes nothing', async () => {
      const index = await open();
      await index.put(DOCUMENTS, PLACE, []);
      const put = await index.search({ limit: 20, countBy: ['status'] }, NOW);
      await index.put(early, { ...PLACE, position: PLACE.position + 1 }, []);
      await index.put(DOCUMENTS, { ...PLACE, position: PLACE.position + 2 }, []);
      await index.put(early, { ...PLACE, position: PLACE.position + 3 }, []);
      expect(await index.search({ limit: 20, countBy: ['status'] }, NOW)).toEqual(put);
    });

    test('a newer document takes the place of the one before in every question', async () => {
      const index = await open();
      await index.put(early, { position: 7, fingerprint: 'seven' }, []);
      expect(await numbersOf(index, { text: 'queued', limit: 20 })).toEqual(ALL);
      await index.put(DOCUMENTS, PLACE, []);
      expect(await numbersOf(index, { text: 'queued', limit: 20 })).toEqual([ALICE]);
      expect(await numbersOf(index, { status: 'WAIT_PAY', text: '张', limit: 20 })).toEqual([BIG]);
    });

    test('what is cleared is gone, also after documents of another history', async () => {
      const index = await open();
      await index.put(DOCUMENTS, PLACE, [{ stream: 'order-N1', type: 'Strange', version: 9, position: 3 }]);
      await index.clear();
      expect(await index.place()).toEqual({ position: 0, fingerprint: '', setAside: [] });
      expect(await numbersOf(index, { limit: 20 })).toEqual([]);
      expect(await numbersOf(index, { text: '北京', limit: 20 })).toEqual([]);
      const [one] = DOCUMENTS;
      await index.put(one === undefined ? [] : [{ ...one, version: 1 }], { position: 1, fingerprint: 'one' }, []);
      expect(await numbersOf(index, { text: '北京', limit: 20 })).toEqual([ALICE]);
      await index.clear();
      await index.put(DOCUMENTS, PLACE, []);
      expect(await numbersOf(index, { text: 'lovelase', limit: 20 })).toEqual([ADA]);
    });
  });
};
