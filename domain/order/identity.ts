// Names and document numbers in one form each, so that one person is one text, and nothing stands in it that nobody sees.

/** Control and format characters, direction overrides, fillers and other blanks: whatever is in a text and is not seen. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;

export const hasInvisible = (text: string): boolean => INVISIBLE.test(text);

/** NFC, no space at the ends, plain single spaces within. */
export const normalName = (text: string): string =>
  text
    .normalize('NFC')
    .replaceAll(/\p{Zs}+/gu, ' ')
    .trim();

/** Of a name in its normal form: it is visible, and has a letter. Middle dots, spaces and hyphens stand in names. */
export const isName = (name: string): boolean => !hasInvisible(name) && /\p{L}/u.test(name);

/** Capital letters; digits and letters of full width are the same as plain ones. */
export const normalDocumentNo = (text: string): string => text.normalize('NFKC').trim().toUpperCase();

/** Of a number in its normal form: letters and digits, perhaps in groups with a hyphen between. */
export const isDocumentNo = (idNo: string): boolean => /^[A-Z0-9]+(?:-[A-Z0-9]+)*$/.test(idNo);

/** One text for one document: a number is the same with and without its hyphens, in small letters and in capitals. */
export const comparedDocumentNo = (idNo: string): string => idNo.replaceAll('-', '').toUpperCase();

/** GB 11643-1999: weights of the first seventeen digits, and the check digit for each remainder of eleven. */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
const CHECK_DIGITS = '10X98765432';

/** A Chinese identity card's number: region, date of birth, sequence, check digit. */
export const isIdCardNo = (idNo: string): boolean => {
  const [, year, month, day] = /^[1-9]\d{5}((?:19|20)\d{2})(\d{2})(\d{2})\d{3}[\dX]$/.exec(idNo) ?? [];
  if (year === undefined) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  if (date.toISOString().slice(0, 10) !== `${year}-${month}-${day}`) return false;
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(idNo[index]), 0);
  return CHECK_DIGITS[sum % CHECK_DIGITS.length] === idNo[17];
};
