// Saved states, so that a long history need not be read again. A snapshot is a cache, not an authority: whoever loads
// one checks it against the log, and any of them may be lost.

export interface Snapshots {
  /** The last text saved under this name; undefined if there is none. */
  load(name: string): Promise<string | undefined>;
  save(name: string, text: string): Promise<void>;
}
