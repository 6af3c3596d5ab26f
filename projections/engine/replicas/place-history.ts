// Where the primary was with a model, and when. A replica that has as much as the primary had at an instant is no further
// behind than that instant is ago.
import type { Position } from '@railhead/commands/ports/event-store.ts';

type Mark = { readonly at: number; readonly position: Position };

/** Of what is long ago less is kept: a lag is known to this part of itself. */
const PRECISION = 50;

export class PlaceHistory {
  #marks: readonly Mark[] = [];
  readonly #coveredMs: number;

  /** `coveredMs`: whoever is further behind than that is of no interest. */
  constructor(coveredMs: number) {
    this.#coveredMs = coveredMs;
  }

  /** At `now`, ms, the primary had no more than `position`. */
  note(now: number, position: Position): void {
    const last = this.#marks.at(-1);
    // The model began anew, or the clock was set back: what was noted before says nothing any more.
    const isAnew = last !== undefined && (position < last.position || now < last.at);
    const before = isAnew ? [] : this.#marks.filter((mark) => mark.position < position);
    this.#marks = this.#thinned([...before, { at: now, position }], now);
  }

  /** For at most so many milliseconds the primary has had more than `position`. */
  behindMs(position: Position, now: number): number {
    const mark = this.#marks.findLast((each) => each.position <= position);
    return mark === undefined || mark.at > now ? Number.POSITIVE_INFINITY : now - mark.at;
  }

  #thinned(marks: readonly Mark[], now: number): readonly Mark[] {
    const kept: Mark[] = [];
    for (const [index, mark] of marks.entries()) {
      const next = marks[index + 1];
      if (next !== undefined) {
        const [age, gap] = [now - next.at, next.at - (kept.at(-1)?.at ?? Number.NEGATIVE_INFINITY)];
        // The next one tells enough, or this one is older than anything that is asked.
        if (age > this.#coveredMs || gap < age / PRECISION) continue;
      }
      kept.push(mark);
    }
    return kept;
  }
}
