// How a merchant and a gateway speak with each other: what a message looks like on the wire, and how it is signed. Each
// side has its own value; what is said is the same in every dialect.

export type Envelope = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer<ArrayBuffer>;
};

export type Dialect = {
  /** A message, as JSON text, ready to be sent in the name of this side. */
  seal(text: string, nowMs: number): Promise<Envelope>;
  /** A message of the other side. Undefined: it is not signed by it, or too long ago. Its shape is not looked at. */
  open(
    header: (name: string) => string | undefined,
    body: Uint8Array,
    nowMs: number,
  ): Promise<{ readonly message: unknown } | undefined>;
};

/** What is no JSON is undefined, as a message without sense. */
export const parsedJson = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
};
