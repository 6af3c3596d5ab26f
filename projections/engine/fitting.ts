// Texts as every database takes them. What comes from outside is kept whole in the log; a column has an end, and
// PostgreSQL has no NUL. A model must not stop because of a text, so it keeps what fits.
import type { StoredTable } from './tables.ts';

/** In the place of NUL. */
const REPLACEMENT = '\uFFFD';

/** The beginning of a text, without NUL and halves of characters, of at most so many characters (code points). */
export const fittingText = (text: string, length: number): string => {
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  const plain = whole.includes('\0') ? whole.replaceAll('\0', REPLACEMENT) : whole;
  // Most texts are short enough however their characters are counted.
  if (plain.length <= length) return plain;
  const characters = [...plain];
  return characters.length <= length ? plain : characters.slice(0, length).join('');
};

/** Fits the texts of a row to their columns; returns the same object where nothing has to be done. */
export const fittedTo = ({ columns }: Pick<StoredTable, 'columns'>) => {
  const texts = Object.entries(columns).flatMap(([column, kind]) =>
    kind.kind === 'text' ? [[column, kind.length] as const] : [],
  );
  return <Row extends Readonly<Record<string, unknown>>>(row: Row): Row => {
    let fitted: Record<string, unknown> | undefined;
    for (const [column, length] of texts) {
      const value = row[column];
      if (typeof value !== 'string') continue;
      const text = fittingText(value, length);
      if (text === value) continue;
      fitted ??= { ...row };
      fitted[column] = text;
    }
    // Safe cast: it has the same columns with values of the same types.
    return (fitted as Row | undefined) ?? row;
  };
};
