// A server installed on this machine that sells by other means, started for one measurement and ended with it.
import { RunningServer } from '../services/running-server.ts';
import type { ServerKind } from '../services/server-kind.ts';

/** `name` says what is measured; `skipped` why it is not. */
export type OtherServer = { readonly name: string } & (
  | { readonly ordersPerSecond: number }
  | { readonly skipped: string }
);

/** Runs `measure` beside the server, which is ended, and waited for, whatever happens. `args`: more for the server. */
export const measureOther = async (
  { name, kind, args }: { readonly name: string; readonly kind: ServerKind; readonly args: readonly string[] },
  measure: (server: RunningServer) => Promise<number>,
): Promise<OtherServer> => {
  const found = kind.find();
  if ('missing' in found) return { name, skipped: `skipped: ${found.missing}` };
  const server = await RunningServer.start(kind, { args });
  try {
    return { name, ordersPerSecond: await measure(server) };
  } finally {
    await server.discard();
  }
};
