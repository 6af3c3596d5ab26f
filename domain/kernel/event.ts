// What every event looks like in the log: a tagged payload with a version, plus who caused it and when.

/** An event as an aggregate decides it. `version` numbers the shapes of its type; upcasters lift old ones when read. */
export type DomainEvent<Type extends string, Data, Version extends number = 1> = {
  readonly type: Type;
  readonly version: Version;
  readonly data: Data;
};

export type AnyEvent = DomainEvent<string, unknown, number>;

/** `at` is RFC 3339 with a zone. The three ids link a request with everything that it causes. */
export type EventMeta = {
  readonly commandId: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly actor: string;
  readonly at: string;
};

/** An event as a fold receives it: the decided event with its meta. */
export type Recorded<Event extends AnyEvent> = Event & { readonly meta: EventMeta };
