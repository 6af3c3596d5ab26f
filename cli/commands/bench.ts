import { existsSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { BENCHMARKS } from '@railhead/tests/bench/all.ts';
import { hasTarget, targetLines } from '@railhead/tests/bench/targets.ts';
import type { Command } from 'commander';
import { UsageError } from '../exit-codes.ts';
import { print, printJson } from '../output.ts';

type BenchCommandOptions = {
  readonly list?: boolean;
  readonly targets?: boolean;
  readonly json?: boolean;
  readonly seconds: string;
  readonly timetables?: string;
  readonly url?: string;
};

export const benchCommand = (command: Command): Command =>
  command
    .argument('[names...]', 'which benchmarks; all without names')
    .option('--list', 'name them')
    .option('--targets', 'only those that have a target')
    .option('--seconds <n>', 'length of each measured loop', '3')
    .option('--timetables <folder>', 'folder with trains.jsonl.gz of real trains, where a benchmark can use it')
    .option('--url <esdb>', 'an EventStoreDB to measure, where a benchmark would start the stand-in; it is written to')
    .option('--json', 'one JSON object a line')
    .action(bench);

/** Benchmarks that can measure a named EventStoreDB. */
const WITH_URL = ['eventstoredb', 'esdb-orders'];

const bench = async (names: readonly string[], options: BenchCommandOptions): Promise<void> => {
  if (options.list === true) {
    for (const { name, about } of BENCHMARKS)
      print(options.json === true ? JSON.stringify({ name, about }) : `${name.padEnd(14)} ${about}`);
    return;
  }
  const unknown = names.find((name) => !BENCHMARKS.some((benchmark) => benchmark.name === name));
  if (unknown !== undefined) throw new UsageError(`there is no benchmark ${unknown}; see railhead bench --list`);
  const seconds = Number(options.seconds);
  if (!(seconds > 0 && seconds <= 600)) throw new UsageError(`--seconds must be more than 0 and at most 600`);
  const folder = options.timetables;
  if (folder !== undefined && !existsSync(folder)) throw new UsageError(`there is no folder ${folder}`);
  const esdb = options.url === undefined ? {} : { esdbUrl: options.url };
  if (options.url !== undefined && !names.some((name) => WITH_URL.includes(name)))
    throw new UsageError(`--url is for the benchmarks ${WITH_URL.join(' and ')}`);
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 1024 ** 3)} GiB, Node ${process.versions.node}`;
  if (options.json !== true) print(machine);
  const chosen = BENCHMARKS.filter(
    ({ name }) => (names.length === 0 || names.includes(name)) && (options.targets !== true || hasTarget(name)),
  );
  for (const benchmark of chosen)
    for await (const result of benchmark.run({ seconds, dataDir: folder, ...esdb })) {
      if (options.json === true) {
        printJson({ ...result, machine });
        continue;
      }
      const { name, value, unit, p50Ms, p95Ms, p99Ms, references } = result;
      const latency =
        p99Ms === undefined ? '' : `  p50 ${p50Ms?.toFixed(1)} p95 ${p95Ms?.toFixed(1)} p99 ${p99Ms.toFixed(1)} ms`;
      const { eventsPerOrder, appendsPerOrder, ordersPerBatch, cpuMicrosPerOrder, cpuByThread } = result.details ?? {};
      const events = eventsPerOrder === undefined ? '' : `  ${eventsPerOrder} events an order`;
      const appends =
        appendsPerOrder === undefined ? '' : `  ${appendsPerOrder} appends an order, ${ordersPerBatch} orders a batch`;
      const cpu =
        cpuMicrosPerOrder === undefined ? '' : `  ${cpuMicrosPerOrder} us of processor time an order (${cpuByThread})`;
      print(`${name.padEnd(40)} ${round(value).padStart(12)} ${unit}${latency}${events}${appends}${cpu}`);
      for (const reference of references)
        print(`  ${reference.ratio.toFixed(2)} x ${reference.name} (${round(reference.value)})`);
      for (const line of targetLines(result)) print(`  ${line}`);
    }
};

const round = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
