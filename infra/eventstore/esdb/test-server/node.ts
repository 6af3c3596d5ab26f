// What the calls of a test server share: its log, its faults, its users, and the connections it can drop.
import { status as Code, type Metadata, type ServiceError } from '@grpc/grpc-js';
import type { Faults } from './faults.ts';
import { callError, notLeader } from './messages.ts';
import type { ServerLog } from './server-log.ts';
import type { Behaviour } from './versions.ts';

export type Node = {
  readonly behaviour: Behaviour;
  readonly log: ServerLog;
  readonly faults: Faults;
  /** The reason why this caller is not served here; undefined if it is. */
  refusal(metadata: Metadata): ServiceError | undefined;
  /** Counts a call by its name in the protocol. */
  called(name: string): void;
  dropConnections(): void;
  /** Runs a task after a delay unless the server has stopped by then. */
  later(delayMs: number, task: () => void): void;
};

/** Passwords by name. Without users everybody may do everything. */
export type Users = Readonly<Record<string, string>>;

export const refusalFor =
  (faults: Faults, users: Users | undefined) =>
  (metadata: Metadata): ServiceError | undefined => {
    const leaderPort = faults.valueOf('leaderPort');
    if (leaderPort > 0 && metadata.get('requires-leader')[0] === 'true') return notLeader('127.0.0.1', leaderPort);
    if (users === undefined) return undefined;
    const [given] = metadata.get('authorization');
    const [scheme, credentials] = String(given ?? '').split(' ');
    const [name, ...password] = Buffer.from(credentials ?? '', 'base64')
      .toString('utf8')
      .split(':');
    if (scheme === 'Basic' && name !== undefined && Object.hasOwn(users, name) && users[name] === password.join(':'))
      return undefined;
    return callError(Code.UNAUTHENTICATED, 'Access Denied', 'access-denied');
  };
