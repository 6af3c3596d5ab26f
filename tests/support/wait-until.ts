// Waiting for a condition, with a limit: no test sleeps and hopes.
const POLL_MS = 10;

/** Resolves with the first truthy value of `probe`; rejects, naming what was awaited, after `limitMs`. */
export const waitUntil = async <Value>(
  what: string,
  probe: () => Value | Promise<Value>,
  limitMs = 15_000,
): Promise<NonNullable<Value>> => {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited ${limitMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};
