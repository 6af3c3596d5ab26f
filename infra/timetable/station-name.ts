// Names of stations as they are taken into the log: one line of text with an end. Orders and runs have them too.

/** Characters (code points). */
export const MAX_NAME_CHARACTERS = 128;

/** Control characters, line ends among them, and halves of characters. */
const NO_TEXT = / *[\p{Cc}\p{Cs}][\p{Cc}\p{Cs} ]*/gu;

/** One line of text, without what is no text. */
export const plainName = (text: string): string => text.replaceAll(NO_TEXT, ' ').trim();

/** Undefined: it fits. */
export const cutName = (name: string): string | undefined => {
  if (name.length <= MAX_NAME_CHARACTERS) return undefined;
  const characters = [...name];
  return characters.length <= MAX_NAME_CHARACTERS
    ? undefined
    : characters.slice(0, MAX_NAME_CHARACTERS).join('').trimEnd();
};
