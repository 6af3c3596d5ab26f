// Waits for a condition, with a limit; tests do not sleep.
const POLL_MS = 10;

/** So long takes nothing that still goes on, on however busy a machine. Where code is broken on purpose, that is known sooner. */
export const A_HANG_MS = Number(process.env.RAILHEAD_HANG_MS ?? 120_000);

/** Resolves with the first truthy value of `probe`; rejects, naming what was awaited, after `limitMs`. */
export const waitUntil = async <Value>(
  what: string,
  probe: () => Value | Promise<Value>,
  limitMs = A_HANG_MS,
): Promise<NonNullable<Value>> => {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited ${limitMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};
