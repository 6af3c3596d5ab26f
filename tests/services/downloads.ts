// What is downloaded once, and the Java that runs it.
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { findProgram } from './server-kind.ts';

/** The home of root is closed to the user that the servers run as. */
export const DOWNLOADS = join(
  userInfo().uid === 0 ? '/var/cache' : (process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache')),
  'railhead',
  'services',
);

const JAVAS = '/usr/lib/jvm';

/** The home of a Java of this version or a newer one: of the one that is named, or on the path, or installed. */
export const javaFrom = (oldest: number): string | undefined => {
  const onPath = findProgram('java');
  const others = existsSync(JAVAS) ? readdirSync(JAVAS).map((name) => join(JAVAS, name)) : [];
  return [process.env.JAVA_HOME, onPath && dirname(dirname(realpathSync(onPath))), ...others].find(
    (home) => home !== undefined && versionOfJava(home) >= oldest,
  );
};

const versionOfJava = (home: string): number => {
  const release = join(home, 'release');
  if (!existsSync(release)) return 0;
  return Number(/^JAVA_VERSION="(\d+)/m.exec(readFileSync(release, 'utf8'))?.[1] ?? 0);
};
