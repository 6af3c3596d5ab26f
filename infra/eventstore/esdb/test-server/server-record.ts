// A record of the test server's log.
export type ServerRecord = {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
  /** In units of 100 ns since the epoch, as in the protocol. */
  readonly created: string;
};

export type ProposedRecord = Pick<ServerRecord, 'id' | 'type' | 'contentType' | 'data' | 'metadata'>;
