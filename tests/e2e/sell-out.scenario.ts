// One train is sold out through HTTP by concurrent buyers on random journeys, and the server is killed during the sale.
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { RailheadProcess, railhead } from '../support/railhead-process.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { type Answer, ask, type Json, passenger, runDate, tokenFor } from '../support/shopper.ts';
import { smallRailway } from '../support/small-railway.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const STOPS = 8;
const SEATS = 60;
const BUYERS = 24;
const date = runDate(2);

export type SellOut = {
  readonly name: string;
  readonly requests: number;
  /** Flags that say where the log is, beside the data folder. */
  readonly log?: () => readonly string[];
  /** Called before each request with its number. */
  readonly meanwhile?: (request: number) => Promise<void>;
  /** Called at the end, when everything has been checked. */
  readonly after?: () => void;
};

/** Registers the test; one a file. */
export const sellOut = ({ name, requests, log = () => [], meanwhile, after }: SellOut): void => {
  const root = tempFolder();
  const folder = join(root, 'data');
  const args = smallRailway(root, { rows: SEATS / 5, letters: 'ABCDF', stops: STOPS });
  let server: RailheadProcess;
  afterAll(() => server?.kill());

  /**
   * On the same port as before: that is where the payment gateway reports to. It serves before it says that it is up.
   */
  let restarted: Promise<void> = Promise.resolve();
  const killAndStart = (): Promise<void> => {
    restarted = restarted.then(async () => {
      const { port } = new URL(server.url);
      await server.kill();
      server = await RailheadProcess.start(folder, [...args, ...log(), '--port', port]);
    });
    return restarted;
  };

  /** Asks until there is an answer: the server may be dead, or just coming back. */
  const insist = (path: () => string, request: Parameters<typeof ask>[1]): Promise<Answer> =>
    waitUntil(
      'an answer',
      async () => {
        try {
          const answer = await ask(path(), request);
          return answer.status >= 500 ? undefined : answer;
        } catch {
          return undefined;
        }
      },
      60_000,
    );

  type Bought = {
    readonly orderNo: string;
    readonly from: number;
    readonly to: number;
    readonly party: number;
    readonly ending: string;
  };

  const orderAs = async (buyer: string, key: string, from: number, to: number, party: number): Promise<Answer> => {
    const token = await tokenFor(folder, buyer);
    const passengers = Array.from({ length: party }, () => passenger());
    const body = { train: 'G900', date, from: `ST${from}`, to: `ST${to}`, seatClass: 'second', passengers };
    for (;;) {
      const answer = await insist(() => `${server.url}/v1/orders`, {
        token,
        body,
        headers: { Prefer: 'wait=20', 'Idempotency-Key': key },
      });
      // On a slow machine it may not be decided yet: the same request waits again.
      if (answer.status !== 202) return answer;
    }
  };

  /** The occupancy by the log, folded by this test with code of its own: the seats held on each segment. */
  const trueStock = async (): Promise<readonly (readonly number[])[]> => {
    const { stdout } = await railhead('events', '--data', folder, ...log(), '--json');
    const taken: Set<number>[] = Array.from({ length: STOPS - 1 }, () => new Set());
    for (const line of stdout.trim().split('\n')) {
      const { stream, type, data } = JSON.parse(line);
      if (!stream.startsWith('segmentInventory-G900_')) continue;
      const seats = taken[Number(stream.split('_')[2])];
      if (type === 'SegmentOpened') continue;
      for (const seat of (data.holds ?? data.releases).flatMap(
        (part: { readonly seats: readonly number[] }) => part.seats,
      ))
        if (type === 'SeatsHeld') {
          if (seats?.has(seat)) throw new Error(`seat ${seat} sold twice: ${line}`);
          seats?.add(seat);
        } else if (type === 'SeatsReleased') seats?.delete(seat);
    }
    return taken.map((seats) => [...seats]);
  };

  const assertShownIsTrue = async (): Promise<void> => {
    const taken = await trueStock();
    for (let from = 0; from < STOPS - 1; from += 1)
      for (let to = from + 1; to < STOPS; to += 1) {
        const occupied = new Set(taken.slice(from, to).flat());
        const { body } = await ask(`${server.url}/v1/trains/G900/runs/${date}/availability?from=ST${from}&to=ST${to}`);
        expect(body.classes[0]).toMatchObject({ total: SEATS, available: SEATS - occupied.size });
        expect(body.classes[0].held + body.classes[0].sold).toBe(occupied.size);
      }
  };

  /**
   * So many orders have tickets, and nothing is queued, paid but not ticketed, or on its way back; says what is left if
   * that does not come.
   */
  const atRest = async (tickets: number): Promise<void> => {
    let last = '';
    const reached = async (): Promise<boolean> => {
      last = (await railhead('verify', '--data', folder, ...log(), '--json')).stdout;
      const { pending, money, orders } = JSON.parse(last);
      const open = (orders.QUEUED ?? 0) + (orders.PAID ?? 0) + (orders.TICKETING ?? 0);
      return orders.SUCCESS === tickets && open + pending.releases + pending.uncommittedHolds + money.inFlightFen === 0;
    };
    // Notices and steps that met a dying server come again after 1, 2, 4, 8 … seconds.
    await waitUntil('the log to come to rest', reached).catch((error: Error) => {
      throw new Error(`${error.message}: ${last}`);
    });
  };

  const staffToken = async (): Promise<string> => {
    const { stdout } = await railhead('token', '--user', 'clerk', '--role', 'operator', '--data', folder);
    return stdout.trim();
  };

  test(name, async () => {
    server = await RailheadProcess.start(folder, [...args, ...log()]);
    const bought: Bought[] = [];
    let started = 0;
    let kills = 0;
    const [firstKill, secondKill] = [Math.floor(requests * 0.3), Math.floor(requests * 0.7)];
    const buyer = async (who: string, seed: number): Promise<void> => {
      const random = seededRandom(seed);
      const token = await tokenFor(folder, who);
      while (started < requests) {
        started += 1;
        const request = started;
        await meanwhile?.(request);
        const key = `${who}-${request}`;
        if (request === firstKill || request === secondKill) {
          kills += 1;
          await killAndStart();
        }
        const from = random.below(STOPS - 1);
        const to = from + 1 + random.below(STOPS - 1 - from);
        const party = 1 + random.below(3);
        const answer = await orderAs(who, key, from, to, party);
        if (answer.status === 409) {
          expect(answer.body).toMatchObject({ code: 'SOLD_OUT', alternatives: [] });
          continue;
        }
        expect(answer.status).toBe(201);
        const { orderNo } = answer.body;
        const ending = ['paid', 'paid', 'paid', 'cancelled'][random.below(4)] ?? 'paid';
        if (ending === 'paid') {
          const payment = await insist(() => `${server.url}/v1/orders/${orderNo}/payments`, {
            token,
            body: { channel: 'sandbox' },
          });
          if (payment.body.payUrl === undefined)
            throw new Error(`no payment for ${orderNo}: ${JSON.stringify(payment.body)}`);
          const payPath = new URL(payment.body.payUrl).pathname;
          await insist(() => server.url + payPath, { body: { outcome: 'paid' } });
        } else await insist(() => `${server.url}/v1/orders/${orderNo}/cancel`, { token, method: 'POST' });
        bought.push({ orderNo, from, to, party, ending });
      }
    };
    await Promise.all(Array.from({ length: BUYERS }, (_, n) => buyer(`buyer${n}`, n + 1)));
    expect(kills).toBe(2);
    await atRest(bought.filter(({ ending }) => ending === 'paid').length);

    // Whatever is still free is bought segment by segment, until nothing is.
    for (let from = 0; from < STOPS - 1; from += 1)
      for (let n = 0; ; n += 1) {
        const { status } = await orderAs('sweeper', `sweep-${from}-${n}`, from, from + 1, 1);
        if (status === 409) break;
        expect(status).toBe(201);
      }
    const soldOut = await trueStock();
    const clerk = await staffToken();
    expect(soldOut.map((seats) => seats.length)).toEqual(Array.from({ length: STOPS - 1 }, () => SEATS));
    await assertShownIsTrue();

    // Every buyer has what the answers said.
    for (const { orderNo, ending, party } of bought) {
      const owner = await insist(() => `${server.url}/v1/orders/${orderNo}`, { token: clerk });
      expect(owner.body.status).toBe(ending === 'paid' ? 'SUCCESS' : 'CLOSED');
      expect(owner.body.items.filter((item: Json) => item.ticketNo !== undefined)).toHaveLength(
        ending === 'paid' ? party : 0,
      );
    }
    const report = JSON.parse((await railhead('verify', '--data', folder, ...log(), '--json')).stdout);
    expect(report).toMatchObject({ ok: true, violations: [] });
    expect(report.money.inFen).toBe(report.money.ticketsFen + report.money.refundsFen + report.money.feesFen);
    expect(report.orders.SUCCESS).toBe(bought.filter(({ ending }) => ending === 'paid').length);

    // And all of it again after one more violent end.
    await killAndStart();
    await assertShownIsTrue();
    expect(await trueStock()).toEqual(soldOut);
    after?.();
  });
};
