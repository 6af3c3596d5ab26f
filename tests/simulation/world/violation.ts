/** A promise that was broken: a code for programs, and what was seen. */
export class Violation extends Error {
  readonly code: string;

  constructor(code: string, detail: string) {
    super(`${code}: ${detail}`);
    this.name = 'Violation';
    this.code = code;
  }
}
