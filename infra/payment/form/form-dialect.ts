// Form fields with amounts in yuan, signed with RSA over the fields in the order of their names: the style of the large
// payment platforms. Each side signs with its own key.
import { type KeyObject, sign, verify } from 'node:crypto';
import type { Dialect } from '../dialect.ts';

/** One side's own key, and the other side's public one. */
export type FormKeys = { readonly own: KeyObject; readonly theirs: KeyObject };

const TOLERANCE_SECONDS = 300;
const ALGORITHM = 'RSA-SHA256';

/** `keys` is asked for when the first message is sent or received. */
export const formDialect = (keys: () => Promise<FormKeys>, toleranceSeconds = TOLERANCE_SECONDS): Dialect => ({
  seal: async (text, nowMs) => {
    // Safe cast: only objects are sent.
    const fields = fieldsOf(JSON.parse(text) as Readonly<Record<string, unknown>>);
    fields.set('timestamp', String(Math.floor(nowMs / 1000)));
    fields.set('sign', sign(ALGORITHM, signedText(fields), (await keys()).own).toString('base64'));
    return {
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: Buffer.from(new URLSearchParams([...fields]).toString()),
    };
  },
  open: async (_, body, nowMs) => {
    const sent = [...new URLSearchParams(Buffer.from(body).toString('utf8'))];
    const fields = new Map(sent);
    const signature = fields.get('sign') ?? '';
    const seconds = Number(fields.get('timestamp') ?? Number.NaN);
    // A field that is there twice could be read in two ways.
    if (fields.size !== sent.length || !(Math.abs(nowMs / 1000 - seconds) <= toleranceSeconds)) return undefined;
    fields.delete('sign');
    const isTheirs = verify(ALGORITHM, signedText(fields), (await keys()).theirs, Buffer.from(signature, 'base64'));
    return isTheirs ? { message: messageOf(fields) } : undefined;
  },
});

const signedText = (fields: ReadonlyMap<string, string>): Buffer =>
  Buffer.from(
    [...fields]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, value]) => `${name}=${value}`)
      .join('&'),
  );

const WHOLE_NUMBERS = new Set(['version']);

/** `amountFen: 12345` is sent as `amount=123.45`. */
const fieldsOf = (message: Readonly<Record<string, unknown>>): Map<string, string> =>
  new Map(
    Object.entries(message).map(([name, value]) =>
      name === 'amountFen' ? ['amount', yuanOf(Number(value))] : [name, String(value)],
    ),
  );

const messageOf = (fields: ReadonlyMap<string, string>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    [...fields]
      .filter(([name]) => name !== 'timestamp')
      .map(([name, value]): [string, unknown] => {
        if (name === 'amount') return ['amountFen', fenOf(value)];
        return [name, WHOLE_NUMBERS.has(name) && /^\d{1,15}$/.test(value) ? Number(value) : value];
      }),
  );

/** Without floating point: 0.29 yuan are 29 fen. */
export const yuanOf = (fen: number): string => {
  const digits = String(Math.abs(fen)).padStart(3, '0');
  return `${fen < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

/** Undefined for what is not an amount of yuan with two decimals. */
export const fenOf = (yuan: string): number | undefined => {
  const [, whole, decimals] = /^(\d{1,13})\.(\d{2})$/.exec(yuan) ?? [];
  return whole === undefined ? undefined : Number(whole + decimals);
};
