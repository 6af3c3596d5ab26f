// A waiting order's position in the queue of its run. Requests of a run are decided in log order, so counting is
// enough.

type Counts = { entered: number; decided: number };

export class RunQueues {
  readonly #runs = new Map<string, Counts>();
  readonly #places = new Map<string, { readonly run: string; readonly place: number }>();

  enter(run: string, orderNo: string): void {
    if (this.#places.has(orderNo)) return;
    const counts = this.#runs.get(run) ?? { entered: 0, decided: 0 };
    counts.entered += 1;
    this.#runs.set(run, counts);
    this.#places.set(orderNo, { run, place: counts.entered });
  }

  leave(orderNo: string): void {
    const entry = this.#places.get(orderNo);
    const counts = entry === undefined ? undefined : this.#runs.get(entry.run);
    if (entry === undefined || counts === undefined) return;
    this.#places.delete(orderNo);
    counts.decided += 1;
    if (counts.decided === counts.entered) this.#runs.delete(entry.run);
  }

  /** 1 for the next to be decided; 0 for an order that is not waiting. */
  positionOf(orderNo: string): number {
    const entry = this.#places.get(orderNo);
    const counts = entry === undefined ? undefined : this.#runs.get(entry.run);
    return entry === undefined || counts === undefined ? 0 : Math.max(1, entry.place - counts.decided);
  }

  /** Number of requests of a run that are not decided yet. */
  depthOf(run: string): number {
    const counts = this.#runs.get(run);
    return counts === undefined ? 0 : counts.entered - counts.decided;
  }
}
