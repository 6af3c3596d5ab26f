import type { TimetableSource } from '@railhead/commands/ports/timetable-source.ts';
import { zoneNamed } from '@railhead/commands/time/zone.ts';
import { importTimetable } from '@railhead/commands/timetable/import-timetable.ts';
import { openStore } from '@railhead/infra/composition/open-store.ts';
import { systemClock } from '@railhead/infra/system/system-clock.ts';
import { gtfsSource } from '@railhead/infra/timetable/gtfs/gtfs-source.ts';
import { sampleSource } from '@railhead/infra/timetable/sample/sample.ts';
import { trainsJsonlSource } from '@railhead/infra/timetable/trains-jsonl.ts';
import { Command } from 'commander';
import { type ConfigOptions, configOf, LOG_SETTINGS, withSettings } from '../options.ts';
import { Progress, print, printJson } from '../output.ts';

type ImportOptions = ConfigOptions & { readonly json?: boolean; readonly allRouteTypes?: boolean };

export const importCommand = (command: Command): Command => {
  const add = (sub: Command): void => {
    command.addCommand(withSettings(sub, LOG_SETTINGS).option('--json', 'print the report as JSON').exitOverride());
  };
  add(
    new Command('gtfs')
      .description('a GTFS feed: a folder or a .zip')
      .argument('<path>', 'folder or .zip')
      .option('--all-route-types', 'take buses, ferries and the rest too, not only trains')
      .action((path: string, options: ImportOptions) =>
        run(gtfsSource(path, { allRouteTypes: options.allRouteTypes === true }), options),
      ),
  );
  add(
    new Command('trains')
      .description('trains as JSON lines, one a line, plain or gzipped; a stations.csv beside it is read too')
      .argument('<file>', '.jsonl or .jsonl.gz')
      .action((path: string, options: ImportOptions) => run(trainsJsonlSource(path), options)),
  );
  add(
    new Command('sample')
      .description('the sample of well-known trains that comes with Railhead')
      .action((options: ImportOptions) => run(sampleSource(), options)),
  );
  return command;
};

const EXAMPLES_SHOWN = 10;

const run = async (source: TimetableSource, options: ImportOptions): Promise<void> => {
  const { config } = configOf(options);
  const store = await openStore(config);
  try {
    const progress = new Progress('Import', { quiet: options.json === true });
    const deps = { store, clock: systemClock(zoneNamed(config.timeZone)) };
    const report = await importTimetable(deps, source, ({ done, total }) => progress.update(done, total));
    progress.end(`${report.trains} trains, ${report.stops} stops, ${report.stations} stations`);
    if (options.json === true) {
      printJson(report);
      return;
    }
    print(`${report.source}: ${report.unchanged} unchanged, ${report.skipped} rows skipped`);
    for (const [code, count] of Object.entries(report.skippedByCode)) print(`  ${code}: ${count}`);
    for (const { file, line, code, detail } of report.examples.slice(0, EXAMPLES_SHOWN))
      print(`  ${file}${line === undefined ? '' : `:${line}`} ${code} ${detail}`);
  } finally {
    await store.close();
  }
};
