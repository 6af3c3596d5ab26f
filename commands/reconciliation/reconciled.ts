// What a comparison of a read model with the log has found, and what was done about it.

/**
 * `auto_fixed`: few differ, and they were written anew from the log. `repaired`: the same, because somebody asked for it.
 * `alarm`: many differ, nothing was changed, and a person has to look. `left`: nothing was changed, because another process
 * feeds the model, or the store refused.
 */
export type RepairAction = 'auto_fixed' | 'repaired' | 'alarm' | 'left';

/** One difference as it stands in the report. */
export type ReconciledDetail = {
  readonly action: RepairAction;
  /** RFC 3339; empty where nothing was written. */
  readonly fix_time: string;
} & Readonly<Record<string, string | number | readonly string[]>>;

export type Reconciled = {
  readonly checked: number;
  readonly counts: Readonly<Record<RepairAction, number>>;
  /** The first of them. */
  readonly details: readonly ReconciledDetail[];
};

/** From so many on nothing is repaired unless somebody asks for it. */
export const MANY = 10;
/** A report names so many differences; it counts all of them. */
const MOST_DETAILS = 1_000;

/** Collects what a comparison finds. */
export class Findings {
  readonly #counts: Record<RepairAction, number> = { auto_fixed: 0, repaired: 0, alarm: 0, left: 0 };
  readonly #details: ReconciledDetail[] = [];
  checked = 0;

  add(...details: readonly ReconciledDetail[]): void {
    for (const detail of details) {
      this.#counts[detail.action] += 1;
      if (this.#details.length < MOST_DETAILS) this.#details.push(detail);
    }
  }

  get reconciled(): Reconciled {
    return { checked: this.checked, counts: this.#counts, details: this.#details };
  }
}
