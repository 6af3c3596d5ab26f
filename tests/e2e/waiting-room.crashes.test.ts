// Two thousand people wait for a train with a hundred seats. The process is killed while they join and while they order; each
// of them keeps their place and has one true answer at last.
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { RailheadProcess, railhead } from '../support/railhead-process.ts';
import { type Answer, ask, type Json, passenger, runDate, tokenFor } from '../support/shopper.ts';
import { smallRailway } from '../support/small-railway.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const PEOPLE = 2_000;
const SEATS = 100;
const AT_ONCE = 40;
const root = tempFolder();
const folder = join(root, 'data');
const date = runDate(3);
const SETTINGS = { RAILHEAD_QUEUE_FIRST: '50', RAILHEAD_QUEUE_LEAST_PER_SECOND: '400' };

/** So many at a time; undefined for whom there was no answer. */
const each = async <Value>(work: (person: number) => Promise<Value>): Promise<(Value | undefined)[]> => {
  const answers = new Array<Value | undefined>(PEOPLE).fill(undefined);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < PEOPLE) {
      const person = next;
      next += 1;
      answers[person] = await work(person).catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return answers;
};

test('two thousand people at a waiting room each have one answer, whenever the process dies', async () => {
  const railway = smallRailway(root, { rows: SEATS / 4, letters: 'ACDF', stops: 3 });
  let server = await RailheadProcess.start(folder, railway, SETTINGS);
  const killed = async (): Promise<void> => {
    await server.kill();
    server = await RailheadProcess.start(folder, railway, SETTINGS);
  };
  try {
    const opensAt = new Date(Date.now() + 3_600_000).toISOString();
    await railhead('sale', 'opens', '--run', `G900_${date}`, '--at', opensAt, '--data', folder);
    const tokens = await Promise.all(Array.from({ length: PEOPLE }, (_, n) => tokenFor(folder, `person${n}`)));
    const travellers = tokens.map(() => passenger());
    const joinAs = (person: number): Promise<Answer> =>
      ask(`${server.url}/v1/queue`, { token: tokens[person] ?? '', body: { train: 'G900', date } });

    // The first death: while they join.
    let joined = 0;
    const some = each(async (person) => {
      const answer = await joinAs(person);
      joined += 1;
      return answer;
    });
    await waitUntil('half of them', () => joined > PEOPLE / 2);
    await server.kill();
    const first = await some;
    server = await RailheadProcess.start(folder, railway, SETTINGS);
    const places = (await each(joinAs)).map((answer) => answer?.body as Json);
    for (const { phase } of places) expect(phase).toBe('WAITING_ROOM');
    for (const [person, answer] of first.entries())
      if (answer?.status === 201) expect(answer.body.queueToken).toBe(places[person].queueToken);
    expect(new Set(places.map(({ queueToken }) => queueToken)).size).toBe(PEOPLE);

    // The sale opens; the second death: while they order.
    await railhead('sale', 'forget', '--run', `G900_${date}`, '--data', folder);
    const admitted = async (person: number): Promise<void> => {
      await waitUntil(`person ${person} to be admitted`, async () => {
        const place = await ask(`${server.url}/v1/queue/${places[person].queueToken}`).catch(() => undefined);
        return place?.body.phase === 'ADMITTED' || place?.body.phase === 'CLOSED';
      });
    };
    const order = (person: number): Promise<Answer> =>
      ask(`${server.url}/v1/orders`, {
        token: tokens[person] ?? '',
        headers: { 'Idempotency-Key': `k${person}`, 'Queue-Token': places[person].queueToken, Prefer: 'wait=30' },
        body: { train: 'G900', date, from: 'ST0', to: 'ST2', seatClass: 'second', passengers: [travellers[person]] },
      });
    let ordered = 0;
    const told = each(async (person) => {
      await admitted(person);
      const answer = await order(person);
      ordered += 1;
      return answer;
    });
    await waitUntil('some to have ordered', () => ordered > PEOPLE / 4);
    await killed();
    const before = await told;
    const answers = await each(async (person) => {
      await admitted(person);
      return order(person);
    });
    // Everybody has one answer, and it is the one that they had before.
    const codes = answers.map((answer) => `${answer?.status} ${answer?.body.code ?? answer?.body.status}`);
    const count = (code: string): number => codes.filter((one) => one === code).length;
    expect([count('201 WAIT_PAY'), count('409 SOLD_OUT')]).toEqual([SEATS, PEOPLE - SEATS]);
    for (const [person, answer] of before.entries())
      if (answer !== undefined && answer.status !== 503 && answer.status !== 202)
        expect([person, answer.body.orderNo]).toEqual([person, answers[person]?.body.orderNo]);
    const proof = await railhead('queue', 'prove', 'G900', date, '--json', '--data', folder);
    expect(JSON.parse(proof.stdout)).toMatchObject({ proved: true, joined: PEOPLE, admitted: PEOPLE, used: PEOPLE });
    const verified = await railhead('verify', '--data', folder, '--json');
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true });
  } finally {
    await server.kill();
  }
}, 600_000);
