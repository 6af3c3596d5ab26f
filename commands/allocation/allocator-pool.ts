// The allocators of all runs on sale in this process, opened when first asked and closed when long unused.
import { refuse } from '@railhead/domain/kernel/decision.ts';
import type { SeatClass } from '@railhead/domain/train-run/composition.ts';
import type { RunDirectory } from '../runs/run-directory.ts';
import { type AllocatorDeps, ClassAllocator } from './class-allocator.ts';
import type { LockOutcome, Operation } from './operation.ts';

export type RunClass = { readonly train: string; readonly date: string; readonly seatClass: SeatClass };

/** Allocators kept open: a busy one of 1,200 seats and 10 segments takes a few MB, an idle one a few hundred KB. */
const MAX_OPEN = 4_000;

export class AllocatorPool {
  readonly #deps: AllocatorDeps;
  readonly #runs: RunDirectory;
  readonly #open = new Map<string, Promise<ClassAllocator | undefined>>();

  constructor(deps: AllocatorDeps, runs: RunDirectory) {
    this.#deps = deps;
    this.#runs = runs;
  }

  async submit(key: RunClass, operation: Operation): Promise<LockOutcome> {
    const allocator = await this.#allocator(key);
    return allocator === undefined
      ? refuse('SALE_STOPPED', `${key.train} on ${key.date} is not on sale in ${key.seatClass}`)
      : allocator.submit(operation);
  }

  #allocator(key: RunClass): Promise<ClassAllocator | undefined> {
    const name = `${key.train}_${key.date}_${key.seatClass}`;
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const opening = this.#create(key);
    this.#open.set(name, opening);
    opening.catch(() => this.#open.delete(name));
    if (this.#open.size > MAX_OPEN) void this.#closeOldest();
    return opening;
  }

  async #create(key: RunClass): Promise<ClassAllocator | undefined> {
    const run = await this.#runs.find(key.train, key.date);
    if (run === undefined) return undefined;
    const seats = this.#runs.seatsOf(run, key.seatClass);
    return seats.length === 0 ? undefined : new ClassAllocator(this.#deps, key, seats, run.stops.length - 1);
  }

  /** Its state is in the log; whoever needs it again opens it again. */
  async #closeOldest(): Promise<void> {
    for (const [name, opening] of this.#open) {
      const allocator = await opening;
      if (allocator === undefined || (allocator.idle && allocator.depth === 0)) {
        this.#open.delete(name);
        return;
      }
    }
  }
}
