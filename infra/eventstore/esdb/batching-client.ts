// The EventStoreDB client with a batch append call of our own. The client's own call keeps the answers of all clients
// of a process in one map, and an answer that is no longer in the map ends the process.
import type { Readable } from 'node:stream';
import { EventStoreDBClient } from '@eventstore/db-client';
import operationsGrpc from '@eventstore/db-client/generated/operations_grpc_pb.js';
import operations from '@eventstore/db-client/generated/operations_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import { pause } from './back-off.ts';
import type { Connection } from './connection-string.ts';

export type BatchAppendCall = ClientDuplexStream<BatchAppendReq, BatchAppendResp>;

export type ServerFeatures = {
  readonly version: string;
  /** 23.10 and newer tell a subscriber when it has caught up. */
  readonly tellsCaughtUp: boolean;
};

const MOST_DISPOSING_MS = 2_000;

const [CAUGHT_UP_MAJOR, CAUGHT_UP_MINOR] = [23, 10];

export class BatchingClient extends EventStoreDBClient {
  #closed = false;

  /**
   * The client has been shut. Its streams then end as if they were complete, because the client hides the cancellation.
   */
  get isShut(): boolean {
    return this.#closed;
  }

  /** Throws `STORE_UNAVAILABLE` for a server that cannot take batches of appends (before 21.10). */
  async serverFeatures(): Promise<ServerFeatures> {
    const features = await this.capabilities;
    const version = features.serverVersion;
    if (!features.supports(streamsGrpc.StreamsService.batchAppend))
      throw new EventStoreError(
        'STORE_UNAVAILABLE',
        `EventStoreDB ${version} has no batch append; 22.10 or newer is needed`,
      );
    const [major = 0, minor = 0] = version.split('.').map(Number);
    const tellsCaughtUp = major > CAUGHT_UP_MAJOR || (major === CAUGHT_UP_MAJOR && minor >= CAUGHT_UP_MINOR);
    return { version, tellsCaughtUp };
  }

  openBatchAppend(): Promise<BatchAppendCall> {
    return this.GRPCStreamCreator(streamsGrpc.StreamsClient, 'batchAppend', (client) =>
      client.batchAppend(...this.callArguments({ requiresLeader: true }, { deadline: Number.POSITIVE_INFINITY })),
    )();
  }

  /**
   * Asks the server to remove deleted and truncated events, which it does in the background. Returns the scavenge's id.
   */
  startScavenge(deadlineMs: number): Promise<string> {
    const request = new operations.StartScavengeReq().setOptions(
      new operations.StartScavengeReq.Options().setThreadCount(1).setStartFromChunk(0),
    );
    return this.execute(
      operationsGrpc.OperationsClient,
      'startScavenge',
      (client) =>
        new Promise((done, fail) => {
          client.startScavenge(request, ...this.callArguments({ deadline: deadlineMs }), (error, reply) => {
            if (error) fail(error);
            else done(reply.getScavengeId());
          });
        }),
    );
  }

  /** Ends every stream and the connection; safe to call twice. */
  async shut(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const stream of streamsOf(this)) {
      stream.on('error', () => {});
      // Nobody takes from it at present; see `letGo`.
      if (stream.isPaused()) stream.unpipe().resume();
    }
    // The client waits for its streams to end; one that was left with messages in it may never do so.
    const disposed = new AbortController();
    await Promise.race([this.dispose().finally(() => disposed.abort()), pause(MOST_DISPOSING_MS, disposed.signal)]);
    try {
      (await this.getChannel()).close();
    } catch {
      // It never connected, or it is closed already.
    }
  }
}

/** What the client's reads and subscriptions are; their types do not fit Node's own. */
type Leavable = {
  on(event: 'error', listener: () => void): unknown;
  removeAllListeners(event: string): unknown;
  resume(): unknown;
};

/**
 * Leaves a read or a subscription before its end. What has arrived is read and thrown away: gRPC tells that a call has
 * ended only after its last message, and a call that has not ended keeps its connection, and the process, alive.
 */
export const letGo = (stream: Leavable, cancel: () => Promise<unknown>): void => {
  stream.removeAllListeners('data');
  stream.removeAllListeners('readable');
  stream.on('error', () => {});
  stream.resume();
  cancel().catch(() => {});
};

/** The streams that the client keeps for `dispose`. Ending them may emit errors that nobody listens to. */
const streamsOf = (client: BatchingClient): Iterable<Readable> => {
  const { disposableStreams } = client as unknown as { disposableStreams?: Set<Readable> };
  return disposableStreams ?? [];
};

/** The client's own default. */
const KEEP_ALIVE_TIMEOUT_MS = 10_000;
const CONNECTIONS = 1_000;
let opened = 0;

/**
 * gRPC gives channels with equal options one connection, also while it is dead. A client that replaces another then gets
 * the same dead connection, and appends share one with reads. So no two clients wait equally long for a keep-alive.
 * Negative: keep-alive is switched off, and the option cannot tell clients apart.
 */
const connectionOfItsOwn = (timeoutMs = KEEP_ALIVE_TIMEOUT_MS): number => {
  opened += 1;
  return timeoutMs < 0 ? timeoutMs : timeoutMs + (opened % CONNECTIONS);
};

export const openClient = ({
  hosts,
  dnsDiscover,
  defaultCredentials,
  channel,
  ...options
}: Connection): BatchingClient => {
  const {
    nodePreference,
    discoveryInterval,
    gossipTimeout,
    maxDiscoverAttempts,
    keepAliveInterval,
    keepAliveTimeout,
    defaultDeadline,
    connectionName,
  } = options;
  const common = {
    throwOnAppendFailure: true,
    ...(keepAliveInterval === undefined ? {} : { keepAliveInterval }),
    keepAliveTimeout: connectionOfItsOwn(keepAliveTimeout),
    ...(defaultDeadline === undefined ? {} : { defaultDeadline }),
    ...(connectionName === undefined ? {} : { connectionName }),
  };
  const discovery = {
    ...(nodePreference === undefined ? {} : { nodePreference }),
    ...(discoveryInterval === undefined ? {} : { discoveryInterval }),
    ...(gossipTimeout === undefined ? {} : { gossipTimeout }),
    ...(maxDiscoverAttempts === undefined ? {} : { maxDiscoverAttempts }),
  };
  const [first] = hosts;
  if (first === undefined) throw new EventStoreError('STORE_MISCONFIGURED', 'no host in the connection string');
  if (dnsDiscover) return new BatchingClient({ discover: first, ...discovery, ...common }, channel, defaultCredentials);
  if (hosts.length > 1)
    return new BatchingClient({ endpoints: hosts, ...discovery, ...common }, channel, defaultCredentials);
  return new BatchingClient({ endpoint: first, ...common }, channel, defaultCredentials);
};
