// Where a Redis is, and which part of it belongs to a railway: redis://user:password@host:6379/2/beijing is its database 2,
// and in it the keys that begin with "beijing:".

export type RedisAddress = {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  readonly tls?: object;
  /** All keys begin with it. */
  readonly prefix: string;
};

const PREFIX = 'railhead';
const PORT = 6379;
const PATH = /^\/?(?:\/(?<db>\d{1,4}))?(?:\/(?<name>[A-Za-z][A-Za-z0-9_.-]{0,63}))?\/?$/;

export const isRedisAddress = (text: string): boolean => parse(text) !== undefined;

/** Throws for what is no address. */
export const redisAddress = (text: string): RedisAddress => {
  const address = parse(text);
  // Without the text: it may have a password.
  if (address === undefined) throw new Error('the address of the read cache names no Redis');
  return address;
};

const parse = (text: string): RedisAddress | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') return undefined;
  const path = PATH.exec(url.pathname)?.groups;
  if (path === undefined || url.search !== '' || url.hash !== '') return undefined;
  const [username, password] = [decoded(url.username), decoded(url.password)];
  if (username === undefined || password === undefined) return undefined;
  return {
    // An IPv6 address stands in brackets.
    host: decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? PORT : Number(url.port),
    ...(username === '' ? {} : { username }),
    ...(password === '' ? {} : { password }),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
    db: Number(path.db ?? 0),
    prefix: `${path.name ?? PREFIX}:`,
  };
};

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};
