// One setting. Its name is its key in the group; everything else is here. Each part of Railhead has its group of
// settings beside it, and `settings.ts` collects them.
import { z } from 'zod';

export type Setting<Schema extends z.ZodType = z.ZodType> = {
  readonly schema: Schema;
  /** The value if no source gives one. */
  readonly fallback: z.output<Schema>;
  /** The environment variable. */
  readonly env: string;
  readonly description: string;
  /** Never shown. `made`: generated at the first start if it is not given. */
  readonly secret?: 'made' | 'given';
};

/** Settings by name. */
export type Settings = Readonly<Record<string, Setting>>;

export type ValuesOf<Group extends Settings> = { readonly [Name in keyof Group]: z.output<Group[Name]['schema']> };

export const setting = <Schema extends z.ZodType>(
  schema: Schema,
  fallback: z.output<Schema>,
  env: string,
  description: string,
  secret?: 'made' | 'given',
): Setting<Schema> => ({ schema, fallback, env, description, ...(secret === undefined ? {} : { secret }) });

/** A whole number, also as text. An empty text is not accepted. */
export const whole = (least: number, most: number) =>
  z.preprocess(
    (value) => (value === '' ? Number.NaN : value),
    z.coerce
      .number({ error: saying('must be a whole number') })
      .int({ error: saying('must be a whole number') })
      .min(least)
      .max(most),
  );

/** What is no number of the kind is told in words; the bounds tell themselves. */
export const saying =
  (words: string) =>
  (issue: { readonly code?: string }): string | undefined =>
    issue.code === 'invalid_type' ? words : undefined;

/** Empty text: the secret is made at the first start and kept in the data folder. */
export const secretText = z
  .string()
  .refine((text) => text === '' || text.length >= 16, 'must have at least 16 characters');
