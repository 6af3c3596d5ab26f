// The coaches and the tariff of each train, from three JSON files: the built-in ones, or those of a folder.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tariff } from '@railhead/domain/fare/fare.ts';
import type { SeatClass } from '@railhead/domain/kernel/seat-class.ts';
import { type Composition, classSizes } from '@railhead/domain/train-run/composition.ts';
import { z } from 'zod';
import compositionsJson from './defaults/compositions.json' with { type: 'json' };
import tariffsJson from './defaults/tariffs.json' with { type: 'json' };
import trainKindsJson from './defaults/train-kinds.json' with { type: 'json' };
import {
  type CompositionTemplate,
  compositionsSchema,
  type TrainKind,
  tariffsSchema,
  trainKindsSchema,
} from './schema.ts';

/** A rule matches if each of its patterns does; the first rule that matches decides. The last rule always matches. */
type Rule = {
  readonly train: RegExp | undefined;
  readonly type: RegExp | undefined;
  readonly composition: Composition;
  readonly tariff: Tariff;
  /** Classes sold by count, with late assignment. */
  readonly lateAssignment: readonly SeatClass[];
};

export type RollingStock = {
  readonly compositions: ReadonlyMap<string, Composition>;
  readonly tariffs: ReadonlyMap<string, Tariff>;
  readonly rules: readonly Rule[];
};

/** The files describe trains that cannot be sold; the message names the file and the place. */
export class RollingStockError extends Error {
  readonly code = 'ROLLING_STOCK_INVALID';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RollingStockError';
  }
}

const compositionOf = ({ coaches }: CompositionTemplate): Composition =>
  coaches
    .flatMap(({ seatClass, count, layout, standing }) => {
      const coach = standing === undefined ? { seatClass, layout } : { seatClass, layout, standing };
      return Array.from({ length: count }, () => coach);
    })
    .map((coach, index) => ({ coach: String(index + 1).padStart(2, '0'), ...coach }));

const byName = <Item, Value>(
  file: string,
  items: readonly (Item & { readonly name: string })[],
  read: (item: Item) => Value,
): ReadonlyMap<string, Value> => {
  const named = new Map<string, Value>();
  for (const item of items) {
    if (named.has(item.name)) throw new RollingStockError(`${file}: two entries are named ${item.name}`);
    named.set(item.name, read(item));
  }
  return named;
};

/** Throws if a class that a rule puts on sale has no price. */
const ruleOf = (
  kind: TrainKind,
  place: string,
  compositions: ReadonlyMap<string, Composition>,
  tariffs: ReadonlyMap<string, Tariff>,
): Rule => {
  const composition = compositions.get(kind.composition);
  if (composition === undefined) throw new RollingStockError(`${place}: no composition is named ${kind.composition}`);
  const tariff = tariffs.get(kind.tariff);
  if (tariff === undefined) throw new RollingStockError(`${place}: no tariff is named ${kind.tariff}`);
  for (const { seatClass } of classSizes(composition))
    if (tariff.ratesMilliFenPerKm[seatClass] === undefined)
      throw new RollingStockError(
        `${place}: tariff ${tariff.name} has no rate for ${seatClass} of ${kind.composition}`,
      );
  return {
    train: kind.trainPattern === undefined ? undefined : new RegExp(kind.trainPattern, 'u'),
    type: kind.typePattern === undefined ? undefined : new RegExp(kind.typePattern, 'u'),
    composition,
    tariff,
    lateAssignment: kind.lateAssignment ?? [],
  };
};

const FILES = { compositions: 'compositions.json', tariffs: 'tariffs.json', trainKinds: 'train-kinds.json' } as const;

const parsed = <Schema extends z.ZodType>(schema: Schema, file: string, value: unknown): z.infer<Schema> => {
  const result = schema.safeParse(value);
  if (!result.success) throw new RollingStockError(`${file}: ${z.prettifyError(result.error)}`);
  return result.data;
};

const assemble = (compositionsValue: unknown, tariffsValue: unknown, kindsValue: unknown): RollingStock => {
  const compositions = byName(
    FILES.compositions,
    parsed(compositionsSchema, FILES.compositions, compositionsValue),
    compositionOf,
  );
  const tariffs = byName(FILES.tariffs, parsed(tariffsSchema, FILES.tariffs, tariffsValue), (tariff) => tariff);
  const rules = parsed(trainKindsSchema, FILES.trainKinds, kindsValue).map((kind, index) =>
    ruleOf(kind, `${FILES.trainKinds}[${index}]`, compositions, tariffs),
  );
  const last = rules.at(-1);
  if (last === undefined || last.train !== undefined || last.type !== undefined)
    throw new RollingStockError(`${FILES.trainKinds}: the last entry must match every train (no pattern)`);
  return { compositions, tariffs, rules };
};

export const defaultRollingStock = (): RollingStock => assemble(compositionsJson, tariffsJson, trainKindsJson);

const fileOr = (folder: string, file: string, fallback: unknown): unknown => {
  const path = join(folder, file);
  if (!existsSync(path)) return fallback;
  try {
    return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new RollingStockError(`${file} is not readable JSON`, { cause: error });
  }
};

/** A file in `folder` replaces the whole built-in file of its name. Throws `RollingStockError`. */
export const loadRollingStock = (folder: string | undefined): RollingStock =>
  folder === undefined
    ? defaultRollingStock()
    : assemble(
        fileOr(folder, FILES.compositions, compositionsJson),
        fileOr(folder, FILES.tariffs, tariffsJson),
        fileOr(folder, FILES.trainKinds, trainKindsJson),
      );

/** The composition and tariff of a train; the last rule matches any train. */
export const rollingStockFor = (
  stock: RollingStock,
  { train, type }: { readonly train: string; readonly type: string },
): Pick<Rule, 'composition' | 'tariff' | 'lateAssignment'> => {
  const rule = stock.rules.find(
    (candidate) => candidate.train?.test(train) !== false && candidate.type?.test(type) !== false,
  );
  if (rule === undefined) throw new RollingStockError(`no entry of ${FILES.trainKinds} matches train ${train}`);
  const { composition, tariff, lateAssignment } = rule;
  return { composition, tariff, lateAssignment };
};
