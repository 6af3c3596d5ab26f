// Everything in one process on one port: log, order process, read models, both APIs and the sandbox gateway.
import type { ReadProgress, TimetableSource } from '@railhead/commands/ports/timetable-source.ts';
import type { OpenRunsReport } from '@railhead/commands/runs/open-runs.ts';
import { type ImportReport, importTimetable } from '@railhead/commands/timetable/import-timetable.ts';
import type { Container } from 'inversify';
import type { Config } from '../config/settings.ts';
import { PARTS } from './parts.ts';
import type { Foundations } from './roles.ts';
import { type StartedRole, startRole } from './start-role.ts';

export type StoppedModel = { readonly name: string; readonly why: string };

export class RailheadServer {
  readonly #role: StartedRole;

  private constructor(role: StartedRole) {
    this.#role = role;
  }

  /** Opens the data folder and listens. Throws what a part throws; everything is closed then. */
  static async start(config: Config, given: Foundations = {}): Promise<RailheadServer> {
    return new RailheadServer(await startRole('up', config, given));
  }

  get container(): Container {
    return this.#role.container;
  }

  get url(): string {
    return this.container.get(PARTS.address).public;
  }

  importTimetable(source: TimetableSource, onProgress: (progress: ReadProgress) => void): Promise<ImportReport> {
    const [store, clock] = [this.container.get(PARTS.store), this.container.get(PARTS.clock)];
    return this.container
      .get(PARTS.saleOpening)
      .prepare('importing the timetable', () => importTimetable({ store, clock }, source, onProgress));
  }

  /** Opens every run of the sale window that is not open yet. */
  openSale(onProgress?: (done: number) => void): Promise<OpenRunsReport> {
    return this.container.get(PARTS.saleOpening).open(onProgress);
  }

  /** Opens the runs of new days for as long as the server runs. */
  keepSaleOpen(): void {
    this.container.get(PARTS.saleOpening).keepOpen();
  }

  /** Waits until every read model that is needed has what the log has. Gives those that have stopped before, and why. */
  async caughtUp(): Promise<readonly StoppedModel[]> {
    const needed = this.container.get(PARTS.projectionRunners).filter(({ isOptional }) => !isOptional);
    const waited = needed.map(async ({ name, caughtUp }): Promise<readonly StoppedModel[]> => {
      try {
        await caughtUp;
        return [];
      } catch (error) {
        return [{ name, why: error instanceof Error ? error.message : String(error) }];
      }
    });
    return (await Promise.all(waited)).flat();
  }

  /** Refuses new connections, finishes open requests, and saves all checkpoints. Safe to call twice. */
  stop(): Promise<void> {
    return this.#role.lifetime.stop();
  }
}
