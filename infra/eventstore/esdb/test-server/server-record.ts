// A record as the test server keeps it.
export type ServerRecord = {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
  /** 100 ns since the epoch, as the contract carries it. */
  readonly created: string;
};

export type ProposedRecord = Pick<ServerRecord, 'id' | 'type' | 'contentType' | 'data' | 'metadata'>;
