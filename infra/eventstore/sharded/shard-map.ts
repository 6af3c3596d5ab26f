// Which cluster holds a stream. All streams of a run stand together; hot trains may be given a place by name; the rest is
// spread by rendezvous hashing, so that a further cluster takes an even share and moves nothing between the others.

/** Clusters by name, in any order. `pinned` gives a train ("G1") or a single run ("G1_2026-11-23") its place. */
export type ShardMapOptions = {
  readonly shards: readonly string[];
  readonly pinned?: Readonly<Record<string, string>>;
};

const RUN_CATEGORIES = new Set(['segmentInventory', 'seatLock', 'trainRun']);

/** What a stream is placed by: its run (`train_date`) if it belongs to one, else its own id. */
export const placeKeyOf = (stream: string): string => {
  const dash = stream.indexOf('-');
  const id = stream.slice(dash + 1);
  if (!RUN_CATEGORIES.has(stream.slice(0, dash))) return id;
  const [train = '', date = ''] = id.split('_');
  return `${train}_${date}`;
};

/** Whether a stream belongs to a run, which may move. */
export const isOfRun = (stream: string): boolean => RUN_CATEGORIES.has(stream.slice(0, stream.indexOf('-')));

export class ShardMap {
  readonly shards: readonly string[];
  readonly #pinned: Map<string, string>;

  /** Throws if there is no shard, one is named twice, or something is pinned to one that is not there. */
  constructor({ shards, pinned = {} }: ShardMapOptions) {
    if (shards.length === 0 || new Set(shards).size < shards.length)
      throw new Error(`shards need names of their own: ${shards.join(', ') || 'none'}`);
    this.shards = shards;
    this.#pinned = new Map();
    for (const [key, shard] of Object.entries(pinned)) this.pin(key, shard);
  }

  shardOf(stream: string): string {
    const key = placeKeyOf(stream);
    const [train = ''] = key.split('_');
    return this.#pinned.get(key) ?? this.#pinned.get(train) ?? this.#hashed(key);
  }

  /** From now on; what stands elsewhere has to be moved before. */
  pin(key: string, shard: string): void {
    if (!this.shards.includes(shard)) throw new Error(`${key} is pinned to ${shard}, which is no shard`);
    this.#pinned.set(key, shard);
  }

  #hashed(key: string): string {
    let [best, highest] = ['', -1];
    for (const shard of this.shards) {
      const weight = hash32(`${shard}\n${key}`);
      if (weight > highest || (weight === highest && shard < best)) [best, highest] = [shard, weight];
    }
    return best;
  }
}

/** FNV-1a with a final mix: the same everywhere and for ever, for the placement of streams depends on it. */
const hash32 = (text: string): number => {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};
