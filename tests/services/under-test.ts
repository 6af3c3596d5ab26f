// Tests on a real server: on the one that its variable names, or on one that is started for the test file. Where there
// is neither, they are skipped, and their name says why.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { RunningServer } from './running-server.ts';
import { type OwnPart, reasonToSkip, type ServerKind } from './server-kind.ts';

export type ServerUnderTest = {
  /** A part of it that is this test file's alone, removed at its end. */
  ownPart(): Promise<OwnPart>;
};

/** One for each kind in a test file: the first that needs it starts it. */
const started = new Map<ServerKind, Promise<RunningServer>>();

const ours = (kind: ServerKind): Promise<RunningServer> => {
  const server = started.get(kind) ?? RunningServer.start(kind);
  started.set(kind, server);
  return server;
};

const skipped = (name: string, reason: string): void => describe(name, () => test.skip(`skipped: ${reason}`, () => {}));

/** For what holds on every server of this kind, also on one that holds other data. */
export const describeOnServer = (kind: ServerKind, tests: (server: ServerUnderTest) => void): void => {
  const reason = reasonToSkip(kind);
  if (reason !== undefined) {
    skipped(kind.name, reason);
    return;
  }
  describe(kind.name, () => {
    const named = process.env[kind.variable];
    const parts: OwnPart[] = [];
    let url = named ?? '';
    beforeAll(async () => {
      url ||= (await ours(kind)).url;
    });
    // A server of ours is removed as a whole.
    if (named) afterAll(() => Promise.all(parts.map((part) => part.drop())));
    tests({
      ownPart: async () => {
        const part = await kind.ownPart(url, `railhead_test_${randomUUID().replaceAll('-', '').slice(0, 16)}`);
        parts.push(part);
        return part;
      },
    });
  });
};

/** For tests that pause, kill and restart the server: never one that somebody else has started. */
export const describeServerFaults = (kind: ServerKind, tests: (server: () => RunningServer) => void): void => {
  const name = `${kind.name}: faults`;
  const reason = process.env[kind.variable]
    ? `${kind.variable} names a server that is not ours to kill`
    : reasonToSkip(kind);
  if (reason !== undefined) {
    skipped(name, reason);
    return;
  }
  describe(name, () => {
    let server: RunningServer | undefined;
    beforeAll(async () => {
      server = await ours(kind);
    });
    tests(() => {
      if (server === undefined) throw new Error('the server is there when the tests run, not before');
      return server;
    });
  });
};
