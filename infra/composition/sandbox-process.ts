// The sandbox gateway as a process of its own: its folder, its port, and nothing of Railhead.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Clock } from '@railhead/commands/ports/clock.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import express from 'express';
import helmet from 'helmet';
import { ServerAddress } from '../http/server-address.ts';
import { SandboxGateway } from '../payment/sandbox/sandbox-gateway.ts';

export type SandboxProcessOptions = {
  /** The folder of the gateway's book; it must exist. */
  readonly folder: string;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly secret: string;
  readonly clock: Clock;
  readonly logger: Logger;
};

export const startSandboxProcess = async ({ folder, host, port, secret, clock, logger }: SandboxProcessOptions) => {
  const gateway = new SandboxGateway({ folder, secret, clock, logger });
  const app = express().disable('x-powered-by').use(helmet());
  gateway.mount(app);
  const server = createServer(app);
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    await gateway.stop();
    throw error;
  }
  const address = new ServerAddress(host, port);
  const bound = server.address();
  if (bound !== null && typeof bound === 'object') address.listensOn(bound.port);
  gateway.start();
  return {
    url: address.own,
    stop: async (): Promise<void> => {
      await gateway.hold();
      server.close();
      server.closeAllConnections();
      await gateway.stop();
    },
  };
};
