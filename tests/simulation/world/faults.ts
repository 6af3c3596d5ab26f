// The faults and their rates. A seed turns most of them off, so that the others are seen alone and in combination.

/** Rates are probabilities per call, except where a comment says otherwise. */
export const FAULTS = {
  /** An append fails before anything is written, and says so. */
  appendFails: 0.03,
  /** An append is lost, and its outcome is unknown. */
  appendLost: 0.02,
  /** An append is written, but its answer is lost. */
  appendUnknown: 0.03,
  /** An append is reported as unknown and arrives later, whatever has happened meanwhile. */
  appendLate: 0.02,
  /** An append is written, and then the process dies before it knows. */
  appendThenCrash: 0.004,
  /** The process dies while its append is on the way. */
  crashBeforeAppend: 0.004,
  /** The process dies when an answer reaches it, between any two of its awaits. */
  crashAtAnswer: 0.0008,
  /** A call takes a thousand times as long. */
  slow: 0.01,
  readFails: 0.01,
  /** A subscription breaks and has to be begun again. */
  subscriptionLost: 0.02,
  /** A subscription brings events again that it has brought before. */
  redelivery: 0.1,
  sqlFails: 0.01,
  /** A transaction of the read side is committed, but its answer is lost. */
  sqlUnknown: 0.01,
  checkpointFails: 0.1,
  /** A restarted process finds an older checkpoint than its last. */
  checkpointOld: 0.5,
  /** A restarted process finds its read side as an old backup had it. */
  readSideOld: 0.3,
  /** The log is put back to where the sale opened, after it was sold from for a while; once a day, before it begins. */
  logPutBack: 0.3,
  /** A newer version writes an order of a kind that this one does not know; per minute. */
  strangeEvent: 0.1,
  /** The disk of a node's read side is full for some minutes; per minute. */
  diskFull: 0.05,
  snapshotFails: 0.1,
  /** A restarted process finds older snapshots than its last. */
  snapshotOld: 0.3,
  /** A restarted process finds its snapshots gone. */
  cacheLost: 0.2,
  /** A node's clock is set forward or back; per minute. */
  clockJump: 0.05,
  /** A node is cut off from the log for a while, alive; per minute. */
  partition: 0.15,
  gatewayFails: 0.1,
  /** The gateway does what it is asked, but its answer is lost. */
  gatewayUnknown: 0.1,
  /** The gateway says that it knows a payment, and forgets it. */
  gatewayForgets: 0.05,
  /** The gateway is out of reach for everybody, for long; per minute. */
  gatewayAway: 0.03,
  issuerFails: 0.1,
  /** The issuer of tickets does what it is asked, but its answer is lost. */
  issuerUnknown: 0.1,
  /** The issuer will not issue the tickets of an order; per order. */
  issuerRefuses: 0.1,
  noticeTwice: 0.2,
  /** A notice takes minutes. */
  noticeLate: 0.2,
  /** A notice is not delivered before the gateway goes through its books at the end of the day. */
  noticeLost: 0.1,
  /** A notice never comes; who wants to know has to ask. */
  noticeNever: 0.1,
  /** A process that is asked to stop takes no more requests, and then takes minutes until it has ended. */
  slowStop: 0.5,
} as const satisfies Record<string, number>;

/** Streams of orders that only newer versions understand begin so. */
export const STRANGE_ORDER = 'order-NEWER';

export type FaultName = keyof typeof FAULTS;
export type FaultRates = Readonly<Record<FaultName, number>>;

// The keys of a literal.
export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];

export const NO_FAULTS: FaultRates = Object.fromEntries(FAULT_NAMES.map((name) => [name, 0])) as FaultRates;
