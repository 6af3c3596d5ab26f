// The lines that a diff adds or changes, as Stryker's patterns.

const IS_PRODUCTION = /\.ts$/;
const IS_TEST = /\.test\.ts$|\/test-server\//;

/** `diff`: as `git diff -U0` prints it. `file:first-last` for every hunk that leaves lines behind. */
export const changedRanges = (diff: string): readonly string[] => {
  const ranges: string[] = [];
  let file = '';
  for (const line of diff.split('\n')) {
    if (line.startsWith('+++ ')) file = line.startsWith('+++ b/') ? line.slice(6) : '';
    const hunk = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (hunk === null || file === '' || !IS_PRODUCTION.test(file) || IS_TEST.test(file)) continue;
    const [first, count] = [Number(hunk[1]), Number(hunk[2] ?? 1)];
    if (count > 0) ranges.push(`${file}:${first}-${first + count - 1}`);
  }
  return ranges;
};
