// Reports of reconciliations as files of the data folder, for the eyes of its owner only.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  RECONCILIATION_KINDS,
  type ReconciliationKind,
  type ReconciliationReport,
  type ReconciliationReports,
  type ReportSummary,
  type ReportsPage,
} from '@railhead/commands/ports/reconciliation-reports.ts';
import { z } from 'zod';

const FOLDER = 'reconciliation';
/** So many reports of a kind are kept. */
const MOST_KEPT = 1_000;

const count = z.number();
const reportShape = z.object({
  task_id: z.string(),
  start_time: z.string(),
  end_time: z.string(),
  total_checked: count,
  inconsistent_count: count,
  auto_fixed_count: count,
  manual_fix_count: count,
  railhead_fen: count.exactOptional(),
  gateway_fen: count.exactOptional(),
  failure: z.string().exactOptional(),
  inconsistent_details: z.array(z.record(z.string(), z.unknown())),
});

/** `at` is what its name says of the time: a day, or an instant. They sort together. */
type Kept = { readonly kind: ReconciliationKind; readonly name: string; readonly at: string };

export class ReportFolder implements ReconciliationReports {
  readonly #folder: string;
  readonly #mostKept: number;

  constructor(dataFolder: string, mostKept = MOST_KEPT) {
    this.#folder = join(dataFolder, FOLDER);
    this.#mostKept = mostKept;
  }

  has(taskId: string): boolean {
    const name = nameOf(taskId);
    return name !== undefined && existsSync(join(this.#folder, name));
  }

  save(kind: ReconciliationKind, report: ReconciliationReport): void {
    const name = nameOf(report.task_id);
    if (name === undefined) throw new Error(`${report.task_id} is not the name of a report`);
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const beside = join(this.#folder, `${name}.new`);
    writeFileSync(beside, `${JSON.stringify(report, null, 2)}\n`, { mode: 0o600 });
    chmodSync(beside, 0o600);
    renameSync(beside, join(this.#folder, name));
    for (const { name: old } of this.#kept(kind).slice(this.#mostKept))
      rmSync(join(this.#folder, old), { force: true });
  }

  find(taskId: string): ReconciliationReport | undefined {
    const name = nameOf(taskId);
    return name === undefined ? undefined : this.#read(name);
  }

  list({ kind, cursor, limit }: Parameters<ReconciliationReports['list']>[0]): ReportsPage {
    const all = this.#kept(kind).filter((one) => cursor === undefined || keyOf(one) < cursor);
    const page = all.slice(0, limit);
    const last = page.at(-1);
    return {
      reports: page.flatMap(({ name, kind: of }) => this.#summary(name, of)),
      nextCursor: all.length > limit && last !== undefined ? keyOf(last) : undefined,
    };
  }

  #summary(name: string, kind: ReconciliationKind): readonly ReportSummary[] {
    const report = this.#read(name);
    if (report === undefined) return [];
    const { inconsistent_details: _, kind: __, ...summary } = report;
    return [{ ...summary, kind }];
  }

  /** Undefined: there is none, or what is there is no report. */
  #read(name: string): ReconciliationReport | undefined {
    try {
      const kind = keptIn(name)?.kind;
      const report = reportShape.parse(JSON.parse(readFileSync(join(this.#folder, name), 'utf8')));
      return kind === undefined ? undefined : { ...report, kind };
    } catch {
      return undefined;
    }
  }

  /** The newest first. */
  #kept(kind?: ReconciliationKind): readonly Kept[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder)
      .flatMap((name) => keptIn(name) ?? [])
      .filter((one) => kind === undefined || one.kind === kind)
      .sort((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1));
  }
}

/** A day comes after every instant of it. */
const keyOf = ({ kind, at }: Kept): string => `${at.padEnd(18, '~')}-${kind}`;

const keptIn = (name: string): Kept | undefined => {
  const [, kind, at = ''] = /^([a-z]+)-(\d{8}T\d{9}|\d{4}-\d\d-\d\d)\.json$/.exec(name) ?? [];
  const known = RECONCILIATION_KINDS.find((one) => one === kind);
  return known === undefined ? undefined : { kind: known, name, at: at.replaceAll('-', '') };
};

/** Reports of payments are named by the day, the others by the instant of their beginning. */
const nameOf = (taskId: string): string | undefined => {
  const [, kind, at] = /^reconciliation_([a-z]+)_(\d{8}|\d{8}T\d{9})$/.exec(taskId) ?? [];
  if (kind === undefined || at === undefined) return undefined;
  return `${kind}-${at.length === 8 ? `${at.slice(0, 4)}-${at.slice(4, 6)}-${at.slice(6)}` : at}.json`;
};
