/** The code that a piece of work fails with; 'accepted' if it does not fail. */
export const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error
      ? String(error.code)
      : `no code: ${String(error)}`;
  }
  return 'accepted';
};
