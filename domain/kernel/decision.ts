// The outcome of a decision: events, nothing, or a refusal that a caller can act on. Never an exception.

/** A refusal: a stable code for programs, a sentence for people, and data that helps the caller to do better. */
export type Refusal<Code extends string = string> = {
  readonly code: Code;
  readonly detail: string;
  readonly extra?: Readonly<Record<string, unknown>>;
};

export type Result<Value, Code extends string = string> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal<Code> };

export type Decision<Event, Code extends string = string> = Result<readonly Event[], Code>;

export const accept = <Value>(value: Value): { readonly ok: true; readonly value: Value } => ({ ok: true, value });

export const emit = <Event>(...events: readonly Event[]): { readonly ok: true; readonly value: readonly Event[] } =>
  accept(events);

/** The command was handled before, or asks for what is already so. */
export const unchanged: { readonly ok: true; readonly value: readonly never[] } = accept([]);

export const refuse = <Code extends string>(
  code: Code,
  detail: string,
  extra?: Readonly<Record<string, unknown>>,
): { readonly ok: false; readonly refusal: Refusal<Code> } => ({
  ok: false,
  refusal: extra === undefined ? { code, detail } : { code, detail, extra },
});
