// Sends messages to one caller, as fast as it takes them and not faster.
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';

export type ReadCall = ServerWritableStream<ReadReq, ReadResp>;
export type ReadOptions = NonNullable<ReturnType<ReadReq['getOptions']>>;

/** Records sent before other clients get a turn. */
export const TURN = 256;
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** False when nobody listens any more. */
export const send = async (call: ReadCall, message: ReadResp): Promise<boolean> => {
  if (call.cancelled || call.destroyed) return false;
  if (call.write(message)) return true;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      call.off('drain', go).off('close', go).off('cancelled', go).off('error', go);
      resolve();
    };
    call.on('drain', go).on('close', go).on('cancelled', go).on('error', go);
  });
  return !call.cancelled && !call.destroyed;
};
