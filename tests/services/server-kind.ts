// What a kind of server is: how it is found on this machine, prepared, run and asked. Each kind is one value of this.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** Whom a program runs as; empty for whoever runs this. */
export type Identity = { readonly uid?: number; readonly gid?: number };

/** Where one server lives: a folder of its own, and free loopback ports. `innerPort` is for servers that need two. */
export type Place = { readonly folder: string; readonly port: number; readonly innerPort: number };

export type Command = {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

/** How a server that this machine has is run. */
export type Installed = {
  readonly version: string;
  readonly identity: Identity;
  /** Ends it in good order, and at once. */
  readonly stopSignal: NodeJS.Signals;
  /** Fills an empty folder, which `identity` owns. */
  prepare(place: Place): Promise<void>;
  command(place: Place): Command;
  /** Rejects unless the server of this place answers: on its port there may be another. */
  ask(place: Place): Promise<void>;
  /** Once, when it answers for the first time. */
  setUp?(place: Place): Promise<void>;
  /** Frees what the machine keeps for a server that was killed. */
  clear?(place: Place): Promise<void>;
  /** The same, but following the server at `primary`. */
  asReplicaOf?(primary: Place): Installed;
};

/** Why there is none, and what would help. */
export type Missing = { readonly missing: string };

/** A part of a server that is a test's alone: a database, or all that begins with `prefix`. */
export type OwnPart = {
  readonly url: string;
  readonly prefix: string;
  /** Nothing happens the second time. */
  drop(): Promise<void>;
};

export type ServerKind = {
  readonly name: string;
  /** The product's setting that takes its address. */
  readonly setting: string;
  /** Names a server that runs already, for tests to use. */
  readonly variable: string;
  readonly hasReplicas: boolean;
  find(): Installed | Missing;
  /** As a setting of the product wants it. */
  url(place: Place): string;
  /** A part of the server at `url` by a name that nothing else has; letters, digits and `_`. */
  ownPart(url: string, name: string): Promise<OwnPart>;
};

/** Why there is no server of this kind, neither named nor installed; undefined if there is one. */
export const reasonToSkip = (kind: ServerKind): string | undefined => {
  if (process.env[kind.variable]) return undefined;
  const found = kind.find();
  return 'missing' in found ? found.missing : undefined;
};

const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin'];

/** The first of the programs that is in one of `folders`, or else on the path. */
export const findProgram = (name: string, folders: readonly string[] = FOLDERS): string | undefined =>
  folders.map((folder) => join(folder, name)).find(existsSync);

/** The user that runs this, unless that is root: then the one who is named, undefined if there is no such user. */
export const identityInPlaceOfRoot = (user: string): Identity | undefined => {
  if (userInfo().uid !== 0) return {};
  try {
    const idOf = (flag: string): number =>
      Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch {
    return undefined;
  }
};

/** What servers and their programs see of the environment: no setting of whoever starts them. */
export const environmentIn = (folder: string): Readonly<Record<string, string>> => ({
  PATH: FOLDERS.join(delimiter),
  HOME: folder,
  LC_ALL: 'C.UTF-8',
});

/** Runs a program to its end; rejects with what it printed to standard error. Gives its output. */
export const run = async (
  { file, args, env = {} }: Command,
  { folder }: { readonly folder: string },
  identity: Identity,
  limitMs = 120_000,
): Promise<string> => {
  const options = { ...identity, cwd: folder, timeout: limitMs, env: { ...environmentIn(folder), ...env } };
  const { stdout } = await promisify(execFile)(file, args, options);
  return stdout;
};

/** The first number with a dot in what the program prints about itself. */
export const versionOf = (program: string): string =>
  /\d+(\.\d+)+/.exec(execFileSync(program, ['--version'], { encoding: 'utf8' }))?.[0] ?? 'unknown';
