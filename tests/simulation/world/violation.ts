/** A broken promise: a code for programs, and the observation. */
export class Violation extends Error {
  readonly code: string;

  constructor(code: string, detail: string) {
    super(`${code}: ${detail}`);
    this.name = 'Violation';
    this.code = code;
  }
}
