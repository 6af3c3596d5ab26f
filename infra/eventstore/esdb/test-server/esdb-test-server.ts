// A server with EventStoreDB's protocol, for development and tests without an EventStoreDB. Its log is in memory or in
// a folder, and it can be told to fail as a real server does. Never use it for tickets that people paid for.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import { OperationsService } from '@eventstore/db-client/generated/operations_grpc_pb.js';
import operations from '@eventstore/db-client/generated/operations_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import {
  status as Code,
  type Metadata,
  Server,
  ServerCredentials,
  type ServiceError,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { ConnectionInjector } from '@grpc/grpc-js/build/src/server.js';
import { append, batchAppend, deleteStream, tombstone } from './append-calls.ts';
import { type FaultSettings, Faults } from './faults.ts';
import { Journal } from './journal.ts';
import { callError } from './messages.ts';
import { type Node, refusalFor, type Users } from './node.ts';
import { read } from './read-calls.ts';
import { ServerLog } from './server-log.ts';
import { BEHAVIOURS, type Behaviour, type ServerVersion } from './versions.ts';
import { Wire } from './wire.ts';

type Answer = (error: ServiceError | null, reply?: unknown) => void;

export type TestServerOptions = {
  /** Whose behaviour it follows; without it that of the version in deploy/compose.yaml. */
  readonly version?: ServerVersion;
  /** 0 picks a free port. */
  readonly port?: number;
  /** The folder of the log; without it the log is in memory. */
  readonly folder?: string;
  /** The log of another node: both then stand for one cluster. */
  readonly log?: ServerLog;
  readonly maxAppendBytes?: number;
  readonly users?: Users;
  /** PEM. Without it connections are not encrypted. */
  readonly tls?: { readonly key: string; readonly certificate: string; readonly clientAuthority?: string };
  readonly faults?: FaultSettings;
  /** The ports of the other nodes, for gossip. */
  readonly members?: () => readonly { readonly port: number; readonly leader: boolean; readonly alive: boolean }[];
  /** Methods that it does not support, like an older server. */
  readonly without?: readonly string[];
};

export class EsdbTestServer {
  readonly log: ServerLog;
  readonly faults: Faults;
  readonly #options: TestServerOptions;
  readonly #grpc: Server;
  readonly #wire: Wire;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #calls = new Map<string, number>();
  #injector: ConnectionInjector | undefined;
  #port = 0;
  #stopping: Promise<void> | undefined;

  private constructor(options: TestServerOptions) {
    this.#options = options;
    this.faults = new Faults(options.faults);
    const { folder, maxAppendBytes } = options;
    this.log =
      options.log ??
      new ServerLog({
        ...(folder === undefined ? {} : { journal: new Journal(folder) }),
        ...(maxAppendBytes === undefined ? {} : { maxAppendBytes }),
      });
    this.#grpc = new Server({ 'grpc.max_receive_message_length': 17 * 1024 * 1024 });
    this.#wire = new Wire(() => this.#injector, this.faults);
  }

  static async start(options: TestServerOptions = {}): Promise<EsdbTestServer> {
    const server = new EsdbTestServer(options);
    const { tls } = options;
    const credentials =
      tls === undefined
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(
            tls.clientAuthority === undefined ? null : Buffer.from(tls.clientAuthority),
            [{ private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.certificate) }],
            tls.clientAuthority !== undefined,
          );
    server.#addServices();
    server.#injector = server.#grpc.createConnectionInjector(credentials);
    server.#wire.server.listen(options.port ?? 0, '127.0.0.1');
    await once(server.#wire.server, 'listening');
    // Safe cast: a server on a port has such an address.
    server.#port = (server.#wire.server.address() as AddressInfo).port;
    return server;
  }

  get #behaviour(): Behaviour {
    return BEHAVIOURS[this.#options.version ?? '24.2'];
  }

  get port(): number {
    return this.#port;
  }

  /** For clients on this machine. */
  get connectionString(): string {
    return `esdb://127.0.0.1:${this.#port}?tls=${this.#options.tls !== undefined}`;
  }

  /**
   * Number of calls of the streams service so far: `Read`, of these `Subscribe`, `Append`, `BatchAppend` (one call has
   * many appends), …
   */
  callsOf(name: string): number {
    return this.#calls.get(name) ?? 0;
  }

  dropConnections(): void {
    this.#wire.dropAll();
  }

  /** Ends at once like a killed process; the next server can continue with the log. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#wire.close();
    this.#grpc.forceShutdown();
    if (this.#options.log === undefined) this.log.close();
  }

  #addServices(): void {
    const node: Node = {
      behaviour: this.#behaviour,
      log: this.log,
      faults: this.faults,
      refusal: refusalFor(this.faults, this.#options.users),
      called: (name) => this.#calls.set(name, this.callsOf(name) + 1),
      dropConnections: () => this.#wire.dropAll(),
      later: (delayMs, task) => {
        const timer = setTimeout(() => {
          this.#timers.delete(timer);
          task();
        }, delayMs);
        this.#timers.add(timer);
      },
    };
    const streamCalls: UntypedServiceImplementation = {
      read: read(node),
      append: append(node),
      batchAppend: batchAppend(node),
      delete: deleteStream(node),
      tombstone: tombstone(node),
    };
    this.#grpc.addService(StreamsService, streamCalls);
    this.#grpc.addService(GossipService, { read: (_call: unknown, done: Answer) => done(null, this.#gossip()) });
    this.#grpc.addService(ServerFeaturesService, {
      getSupportedMethods: (_call: unknown, done: Answer) => {
        if (this.faults.take('internalOnProbe')) done(callError(Code.INTERNAL, 'told to fail'));
        else done(null, this.#features());
      },
    });
    this.#grpc.addService(OperationsService, {
      startScavenge: (call: { readonly metadata: Metadata }, done: Answer) => {
        const refused = node.refusal(call.metadata);
        if (refused !== undefined) {
          done(refused);
          return;
        }
        const removed = this.log.scavenge();
        done(null, new operations.ScavengeResp().setScavengeId(`removed-${removed}`).setScavengeResult(0));
      },
    });
  }

  #gossip() {
    const members = this.#options.members?.() ?? [{ port: this.#port, leader: true, alive: true }];
    return new gossip.ClusterInfo().setMembersList(
      members.map(({ port, leader, alive }) =>
        new gossip.MemberInfo()
          .setInstanceId(new shared.UUID().setString(crypto.randomUUID()))
          .setTimeStamp(String(Date.now()))
          .setIsAlive(alive)
          .setState(leader ? LEADER : FOLLOWER)
          .setHttpEndPoint(new gossip.EndPoint().setAddress('127.0.0.1').setPort(port)),
      ),
    );
  }

  #features() {
    const methods = ['Read', 'Append', 'BatchAppend', 'Delete', 'Tombstone']
      .filter((method) => !(this.#options.without ?? []).includes(method))
      .map((method) =>
        new features.SupportedMethod()
          .setMethodName(method)
          .setServiceName('event_store.client.streams.Streams')
          .setFeaturesList([]),
      );
    return new features.SupportedMethods().setMethodsList(methods).setEventStoreServerVersion(this.#behaviour.reports);
  }
}

const FOLLOWER = 6;
const LEADER = 8;
