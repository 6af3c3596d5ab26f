// The search of stations: embedded in each process, and asked of a search server where there is one.
import { GrowingPause } from '@railhead/projections/engine/growing-pause.ts';
import { EmbeddedStations } from '@railhead/projections/station-search/embedded-stations.ts';
import { keysBy } from '@railhead/projections/station-search/station-keys.ts';
import { STATION_SEARCH } from '@railhead/projections/station-search/station-search-model.ts';
import { StationSearch } from '@railhead/read-api/stations/station-search.ts';
import type { ValuesOf } from '../../config/setting.ts';
import { loadStationAliases } from '../../stations/load-aliases.ts';
import type { stationSettings } from '../../stations/settings.ts';
import type { PartModule } from '../module.ts';
import { PARTS } from '../parts.ts';

const { models, clock, logger, stationAliases: aliases, searchServer: search, projectionRunners: runners } = PARTS;

/** The file of other names is read before anything is opened, so a wrong file ends the start at once. */
export const stationsModule = (config: ValuesOf<typeof stationSettings>): PartModule => ({
  declare: (provide) => {
    provide(aliases, {}, () => loadStationAliases(config.stationAliases));
    provide(
      PARTS.stations,
      { models, clock, logger, aliases, search, runners },
      ({ models, clock, logger, aliases, search: { stations: index }, runners }) => {
        const embedded = new EmbeddedStations(keysBy(aliases), clock);
        const feed = runners.find(({ name }) => name === STATION_SEARCH);
        const server = index && feed && { index, feed, pause: new GrowingPause(clock), logger };
        return new StationSearch(models.timetable, embedded, server);
      },
    );
  },
  roots: [aliases],
});
