// Reads an EventStoreDB connection string strictly: refuses what the client would ignore, or print with its password.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ChannelCredentialOptions } from '@eventstore/db-client';
import { parseConnectionString } from '@eventstore/db-client/dist/Client/parseConnectionString.js';
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';

const KNOWN = new Set([
  'connectionname',
  'defaultdeadline',
  'discoveryinterval',
  'gossiptimeout',
  'keepaliveinterval',
  'keepalivetimeout',
  'maxdiscoverattempts',
  'nodepreference',
  'tls',
  'tlscafile',
  'usercertfile',
  'userkeyfile',
]);

export type Connection = ReturnType<typeof parseConnectionString> & { readonly channel: ChannelCredentialOptions };

const refuse = (why: string): never => {
  throw new EventStoreError('STORE_MISCONFIGURED', `EventStoreDB connection string: ${why}`);
};

/** The text without its password. */
export const withoutPassword = (text: string): string => text.replace(/:\/\/([^:@/?]+):[^@]*@/, '://$1:***@');

/** Throws `STORE_MISCONFIGURED`; the message never contains the password. */
export const readConnectionString = (text: string): Connection => {
  if (!/^esdb(?:\+discover)?:\/\//.test(text)) refuse('must begin with esdb:// or esdb+discover://');
  const [, userInfo] = /^[^/]+:\/\/([^@/?]*)@/.exec(text) ?? [];
  if (userInfo !== undefined && userInfo.split(':').length !== 2)
    refuse('name and password stand as name:password, with : and @ inside them percent-encoded');
  const [, query] = text.split('?');
  for (const pair of query === undefined ? [] : query.split('&')) {
    const key = pair.split('=')[0]?.toLowerCase().replace(/[_-]/g, '') ?? '';
    if (!KNOWN.has(key)) refuse(`${pair.split('=')[0]} is no option of this store`);
  }
  const parsed = parse(text);
  return { ...parsed, channel: channelOf(parsed) };
};

const parse = (text: string): ReturnType<typeof parseConnectionString> => {
  try {
    return parseConnectionString(text);
  } catch {
    // The client's message quotes the text with its password.
    return refuse(`not readable: ${withoutPassword(text)}`);
  }
};

const channelOf = (options: ReturnType<typeof parseConnectionString>): ChannelCredentialOptions => {
  const { tls, tlsCAFile, userCertFile, userKeyFile } = options;
  if ((userCertFile === undefined) !== (userKeyFile === undefined)) refuse('userCertFile and userKeyFile go together');
  if (tls === false) {
    if (tlsCAFile !== undefined || userCertFile !== undefined) refuse('certificates need tls=true');
    return { insecure: true };
  }
  return {
    insecure: false,
    ...(tlsCAFile === undefined ? {} : { rootCertificate: fileOf('tlsCAFile', tlsCAFile) }),
    ...(userCertFile === undefined ? {} : { userCertFile: fileOf('userCertFile', userCertFile) }),
    ...(userKeyFile === undefined ? {} : { userKeyFile: fileOf('userKeyFile', userKeyFile) }),
  };
};

const fileOf = (name: string, path: string): Buffer => {
  const full = resolve(path);
  if (!existsSync(full)) return refuse(`${name}: there is no file ${full}`);
  return readFileSync(full);
};
