// Decides which cluster has a stream. All streams of a run are together. A hot train can be pinned to a cluster. All
// others are spread by rendezvous hashing: a new cluster gets an even share, and nothing moves between the others.

/** The names of the clusters. `pinned` gives a train ("G1") or a single run ("G1_2026-11-23") its cluster. */
export type ShardMapOptions = {
  readonly shards: readonly string[];
  readonly pinned?: Readonly<Record<string, string>>;
};

const RUN_CATEGORIES = new Set(['segmentInventory', 'seatLock', 'trainRun']);

/** The key that decides a stream's place: its run (`train_date`) if it belongs to one, otherwise its own id. */
export const placeKeyOf = (stream: string): string => {
  const dash = stream.indexOf('-');
  const id = stream.slice(dash + 1);
  if (!RUN_CATEGORIES.has(stream.slice(0, dash))) return id;
  const [train = '', date = ''] = id.split('_');
  return `${train}_${date}`;
};

/** Does the stream belong to a run? Only those can be moved. */
export const isOfRun = (stream: string): boolean => RUN_CATEGORIES.has(stream.slice(0, stream.indexOf('-')));

export class ShardMap {
  readonly shards: readonly string[];
  readonly #pinned: Map<string, string>;

  /** Throws if there is no shard, a name occurs twice, or something is pinned to an unknown shard. */
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

  /** Takes effect at once; streams that exist elsewhere must have been moved before. */
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

/** FNV-1a with a final mix. It must never change, because the places of streams depend on it. */
const hash32 = (text: string): number => {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};
