import { accessSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runCategory } from '@railhead/domain/train-run/stream.ts';
import { openRawLog, openRawStore } from '@railhead/infra/composition/open-store.ts';
import { checksumOf, copyLog } from '@railhead/infra/eventstore/copy-log.ts';
import { CopyMark } from '@railhead/infra/eventstore/copy-mark.ts';
import { withoutPassword } from '@railhead/infra/eventstore/esdb/connection-string.ts';
import { viewOf } from '@railhead/infra/eventstore/log-view.ts';
import { ShardedEventStore } from '@railhead/infra/eventstore/sharded/sharded-event-store.ts';
import { Command } from 'commander';
import { EXIT, InputError, UsageError } from '../exit-codes.ts';
import { type ConfigOptions, configOf, LOG_SETTINGS, withSettings } from '../options.ts';
import { Progress, print, printJson } from '../output.ts';

export const storeCommand = (command: Command): Command => {
  command.addCommand(
    new Command('copy')
      .description('copy a log into another store and compare both; begun again, it goes on where it was')
      .requiredOption('--from <log>', 'data folder of an embedded log, or an esdb:// connection string')
      .requiredOption('--to <log>', 'data folder, or an esdb:// connection string')
      .option('--work <folder>', 'where it remembers how far it is', '.')
      .option('--json', 'print the report as JSON')
      .exitOverride()
      .action(copy),
  );
  command.addCommand(
    withSettings(
      new Command('move')
        .description('move a run to another cluster: stop, copy, compare, switch (while nothing serves it)')
        .argument('<run>', 'train and date, such as G1_2026-11-23')
        .argument('<cluster>', 'name of the cluster in the file of esdbShards'),
      LOG_SETTINGS,
    )
      .exitOverride()
      .action(move),
  );
  return command;
};

const move = async (run: string, to: string, options: ConfigOptions): Promise<void> => {
  const store = await openRawStore(configOf(options).config);
  try {
    if (!(store instanceof ShardedEventStore)) throw new UsageError('there is one cluster only; see --esdb-shards');
    if ((await store.readStream(`${runCategory.name}-${run}`, { limit: 1 })).length === 0)
      throw new InputError(
        'RUN_NOT_FOUND',
        `there is no run ${run}; a run is named by train and date, such as G1_2026-11-23`,
      );
    const { streams, events } = await store.move(run, to);
    print(`${run}: ${events} events in ${streams} streams moved to ${to}`);
  } finally {
    await store.close();
  }
};

type CopyOptions = { readonly from: string; readonly to: string; readonly work: string; readonly json?: boolean };

const isEsdb = (text: string): boolean => /^esdb(?:\+discover)?:\/\//.test(text);

/** A log's place in the form of the settings. */
const placeOf = (text: string) =>
  isEsdb(text)
    ? ({ store: 'esdb', esdbUrl: text, esdbShards: '', data: '', maxLogBytes: 0 } as const)
    : ({ store: 'embedded', esdbUrl: '', esdbShards: '', data: resolve(text), maxLogBytes: 0 } as const);

/** Before anything is written: a copy that cannot remember how far it is must not begin. */
const makeWork = (work: string): void => {
  try {
    mkdirSync(work, { recursive: true });
    accessSync(work, constants.W_OK);
  } catch (error) {
    throw new UsageError(`--work ${work} cannot be used: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const copy = async ({ from, to, work, json }: CopyOptions): Promise<void> => {
  const [source, target] = [placeOf(from), placeOf(to)];
  if (source.esdbUrl === target.esdbUrl && source.data === target.data)
    throw new UsageError('--from and --to are the same log');
  const names = {
    from: withoutPassword(source.esdbUrl || source.data),
    to: withoutPassword(target.esdbUrl || target.data),
  };
  makeWork(work);
  const mark = new CopyMark(join(work, '.railhead-copy.json'), names);
  const log = await openRawLog(source);
  try {
    const store = await openRawStore(target);
    try {
      const copying = new Progress('Copy', { quiet: json === true });
      const end = await log.lastPosition();
      const { copied, present, position } = await copyLog(log, store, {
        after: await mark.position(log, store),
        onBatch: ({ last }) => {
          mark.reach(last);
          copying.update(last.position, end);
        },
      });
      copying.end(`${copied} events copied, ${present} there before`);
      const comparing = new Progress('Compare', { quiet: json === true });
      const ours = await checksumOf(log, (at) => comparing.update(at, end * 2));
      const theirs = await checksumOf(viewOf(store));
      comparing.end(`${ours.events} events in ${ours.streams} streams, SHA-256 ${ours.checksum}`);
      const same = ours.checksum === theirs.checksum;
      const report = { ...names, copied, present, position, same, ...ours, target: theirs };
      if (json === true) printJson(report);
      else
        print(
          same
            ? 'both logs hold the same events'
            : `NOT the same: ${theirs.events} events there, SHA-256 ${theirs.checksum}`,
        );
      // Also of logs that differ: the next copy looks at everything again.
      mark.forget();
      if (!same) process.exitCode = EXIT.finding;
    } finally {
      await store.close();
    }
  } finally {
    await log.close();
  }
};
