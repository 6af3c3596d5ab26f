// The search of stations: embedded in each process, and asked of a search server where there is one.
import { GrowingPause } from '@railhead/projections/engine/growing-pause.ts';
import { EmbeddedStations } from '@railhead/projections/station-search/embedded-stations.ts';
import { keysBy } from '@railhead/projections/station-search/station-keys.ts';
import { StationSearch, type StationServer } from '@railhead/read-api/stations/station-search.ts';
import type { ValuesOf } from '../../config/setting.ts';
import { loadStationAliases } from '../../stations/load-aliases.ts';
import type { stationSettings } from '../../stations/settings.ts';
import type { PartModule } from '../module.ts';
import { PARTS } from '../parts.ts';

const { models, clock, logger, stationAliases: aliases, modelGenerations: generations } = PARTS;

/** The file of other names is read before anything is opened, so a wrong file ends the start at once. */
export const stationsModule = (config: ValuesOf<typeof stationSettings>): PartModule => ({
  declare: (provide) => {
    provide(aliases, {}, () => loadStationAliases(config.stationAliases));
    provide(
      PARTS.stations,
      { models, clock, logger, aliases, generations },
      ({ models, clock, logger, aliases, generations: { stations } }) => {
        const embedded = new EmbeddedStations(keysBy(aliases), clock);
        if (stations === undefined) return new StationSearch(models.timetable, embedded);
        const server: StationServer = {
          now: () => {
            const { opened, runner } = stations.read;
            return { queries: opened.queries, feed: runner, moving: stations.moving };
          },
          pause: new GrowingPause(clock),
          logger,
        };
        return new StationSearch(models.timetable, embedded, server);
      },
    );
  },
  roots: [aliases],
});
