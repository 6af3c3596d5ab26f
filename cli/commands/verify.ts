import { type AuditReport, LogAudit } from '@railhead/commands/audit/log-audit.ts';
import { Violations } from '@railhead/commands/audit/violation.ts';
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import { openLog } from '@railhead/infra/composition/open-store.ts';
import type { Config } from '@railhead/infra/config/settings.ts';
import type { Checksummed } from '@railhead/infra/eventstore/sqlite/checksums.ts';
import type { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { type ConfigOptions, configOf, LOG_SETTINGS, withSettings } from '../options.ts';
import { Progress, print, printJson } from '../output.ts';

export const verifyCommand = (command: Command): Command =>
  withSettings(command, LOG_SETTINGS)
    .option('--json', 'print the report as JSON')
    .action(async (options: ConfigOptions & { readonly json?: boolean }) => {
      const report = await verify(configOf(options).config, options.json === true);
      if (options.json === true) printJson(report);
      else show(report);
      if (!report.ok) process.exitCode = EXIT.finding;
    });

/** `checksummed`: absent where the store keeps no checksums of its own. */
type VerifyReport = AuditReport & { readonly checksummed?: Checksummed };

const PROGRESS_EVERY = 5_000;

const verify = async (config: Config, quiet: boolean): Promise<VerifyReport> => {
  const reader = await openLog(config);
  try {
    const altered = new Violations();
    let checksummed: Checksummed | undefined;
    const tell = (told: Checksummed): void => {
      checksummed = told;
    };
    for (const detail of reader.alterations?.(tell) ?? []) altered.add('EVENT_ALTERED', detail);
    const audit = new LogAudit();
    const progress = new Progress('Verify', { quiet });
    const total = await reader.lastPosition();
    let read = 0;
    try {
      for await (const event of reader.all({ after: 0 })) {
        audit.add(event);
        read += 1;
        if (read % PROGRESS_EVERY === 0) progress.update(event.position, total);
      }
    } catch (error) {
      // Why it cannot be read on is among what was altered.
      if (!(error instanceof EventStoreError && error.code === 'STORE_CORRUPT') || altered.list.length === 0)
        throw error;
      altered.add('EVENT_ALTERED', `the log cannot be read on: ${error.message}`);
    }
    progress.end(`${read} events`);
    const report = audit.report();
    return {
      ...report,
      ...(checksummed === undefined ? {} : { checksummed }),
      ok: report.ok && altered.list.length === 0,
      violations: [...altered.list, ...report.violations],
    };
  } finally {
    await reader.close();
  }
};

const yuan = (fen: number): string => (fen / 100).toFixed(2);

const show = ({
  ok,
  checksummed,
  events,
  streams,
  runs,
  orders,
  seats,
  money,
  refusedNotices,
  pending,
  setAside,
  violations,
}: VerifyReport): void => {
  print(`${events} events in ${streams} streams, ${runs} runs`);
  if (checksummed !== undefined) print(`checked  ${checksummed.events} of ${checksummed.of} events have checksums`);
  print(
    `orders   ${
      Object.entries(orders)
        .map(([status, count]) => `${status} ${count}`)
        .join(', ') || 'none'
    }`,
  );
  print(`seats    held ${seats.held}, sold ${seats.sold}`);
  print(
    `money    in ${yuan(money.inFen)} = tickets ${yuan(money.ticketsFen)} + refunds ${yuan(money.refundsFen)} + fees ${yuan(money.feesFen)} + in flight ${yuan(money.inFlightFen)}`,
  );
  if (refusedNotices.count > 0)
    print(
      `refused  ${refusedNotices.count} payment notices that cannot be right; they say that ${yuan(refusedNotices.paidFen)} was paid, which is in no sum: ask the gateway`,
    );
  print(
    `pending  ${pending.releases} releases, ${pending.uncommittedHolds} uncommitted holds, ${pending.cancellations} cancellations, ${pending.payments} payments, ${pending.refunds} refunds, ${pending.changes} changes, ${pending.reservations} reservations, ${pending.waitlists} waitlist requests`,
  );
  for (const [stream, why] of Object.entries(setAside)) print(`set aside ${stream}: ${why}`);
  for (const { code, detail } of violations) print(`VIOLATED ${code}: ${detail}`);
  print(
    ok
      ? `clean: no seat twice, every lock whole, all ${refusedNotices.count > 0 ? 'other ' : ''}money accounted for`
      : `NOT clean: ${violations.length} violations`,
  );
};
