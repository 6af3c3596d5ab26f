// Where the reports of reconciliations are kept.
import type { ReconciledDetail } from '../reconciliation/reconciled.ts';

export const RECONCILIATION_KINDS = ['payments', 'stock', 'orders'] as const;
export type ReconciliationKind = (typeof RECONCILIATION_KINDS)[number];

/** Instants are RFC 3339. `kind` is not in reports of payments. */
export type ReconciliationReport = {
  readonly task_id: string;
  readonly kind?: ReconciliationKind;
  readonly start_time: string;
  readonly end_time: string;
  readonly total_checked: number;
  readonly inconsistent_count: number;
  readonly auto_fixed_count: number;
  readonly manual_fix_count: number;
  /** Of payments: what went through in all, by the log and by the statement. */
  readonly railhead_fen?: number;
  readonly gateway_fen?: number;
  /** Why it could not be done, if it could not. */
  readonly failure?: string;
  /** The first of them, if there are many. */
  readonly inconsistent_details: readonly (ReconciledDetail | Readonly<Record<string, unknown>>)[];
};

export type ReportSummary = Omit<ReconciliationReport, 'inconsistent_details' | 'kind'> & {
  readonly kind: ReconciliationKind;
};

export type ReportsPage = { readonly reports: readonly ReportSummary[]; readonly nextCursor: string | undefined };

export interface ReconciliationReports {
  /** Whole or not at all. Old reports of the kind make room. */
  save(kind: ReconciliationKind, report: ReconciliationReport): void;
  find(taskId: string): ReconciliationReport | undefined;
  /** The newest first. `cursor` comes from the page before. */
  list(asked: {
    readonly kind?: ReconciliationKind | undefined;
    readonly cursor?: string | undefined;
    readonly limit: number;
  }): ReportsPage;
}
