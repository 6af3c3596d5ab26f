import { expect, test } from '@jest/globals';
import { IssuerError, type TicketWanted } from '@railhead/commands/ports/ticket-issuer.ts';
import { ManualClock } from '@railhead/tests/support/fixed-clock.ts';
import { SandboxTicketIssuer } from './sandbox-ticket-issuer.ts';

const wanted = (ticketNo: string): TicketWanted => ({
  ticketNo,
  train: 'G1',
  date: '2026-12-01',
  from: 'A',
  to: 'B',
  seatClass: 'second',
});

class ImmediateClock extends ManualClock {
  readonly waited: number[] = [];

  override after(ms: number, work: () => void): { cancel: () => void } {
    this.waited.push(ms);
    queueMicrotask(work);
    return { cancel: () => {} };
  }
}

const answerTo = (call: Promise<string>): Promise<string> =>
  call.catch((error: unknown) => (error instanceof IssuerError ? 'silent' : Promise.reject(error)));

test('of a thousand orders some are refused for ever, some hear nothing once, some late; the others are issued', async () => {
  const clock = new ImmediateClock();
  const issuer = new SandboxTicketIssuer(clock);
  const counts: Record<string, number> = {};
  for (let n = 0; n < 1_000; n += 1) {
    const ticket = [wanted(`N${n}T1`)];
    const [first, second] = [await answerTo(issuer.issue(ticket)), await answerTo(issuer.issue(ticket))];
    counts[`${first}, ${second}`] = (counts[`${first}, ${second}`] ?? 0) + 1;
  }
  expect(Object.keys(counts).sort()).toEqual(['issued, issued', 'refused, refused', 'silent, issued']);
  expect(counts['silent, issued']).toBeGreaterThan(50);
  expect(counts['refused, refused']).toBeLessThan(30);
  expect(new Set(clock.waited)).toEqual(new Set([20, 2_000]));
});

test('a ticket that was made void cannot be issued any more, and its party neither', async () => {
  const issuer = new SandboxTicketIssuer(new ImmediateClock());
  await issuer.void(['N1T2']);
  const party = [wanted('N1T1'), wanted('N1T2')];
  await answerTo(issuer.issue(party));
  expect(await answerTo(issuer.issue(party))).toBe('refused');
  await expect(issuer.issue([])).resolves.toBe('issued');
});
