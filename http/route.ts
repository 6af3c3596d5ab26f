// An endpoint, declared once: its input, its answers, who may call it. Routing and OpenAPI are derived from that.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Refusal } from '@railhead/domain/kernel/decision.ts';
import type { z } from 'zod';
import { DEVICE_HEADER } from './device.ts';
import type { ProblemCode } from './problem.ts';

/** The caller, from a verified token. `memberLevel`: 0 to 9, as whoever signed the token says; 0 if it says nothing. */
export type Caller = { readonly userId: string; readonly role: string; readonly memberLevel?: number };

/** Operators run the railway; an admin may do everything an operator may. */
export const isOperator = ({ role }: Caller): boolean => role === 'operator' || role === 'admin';

type Headers = { readonly headers?: Readonly<Record<string, string>> };

/** `Code`: the problems that the route declares. */
export type Reply<Code extends ProblemCode = ProblemCode> =
  | (Headers & { readonly status: number; readonly body?: unknown })
  /** In another media type than JSON. */
  | (Headers & { readonly status: number; readonly contentType: string; readonly text: string })
  /** The request is refused; the refusal's code becomes the problem's code. */
  | (Headers & { readonly refused: Refusal<Code> })
  /** The handler writes the response itself (an event stream). */
  | 'streamed';

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

export type RouteContext<Params, Query, Body> = {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** The body as it came, where the route wants it so; else nothing that a handler needs. */
  readonly bytes: Uint8Array;
  readonly caller: Caller;
  readonly requestId: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
};

export type RouteResponse = {
  readonly description: string;
  readonly schema?: z.ZodType;
  readonly contentType?: string;
};

export type RouteSpec<
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Code extends ProblemCode = ProblemCode,
> = {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** In OpenAPI style: `/v1/orders/{orderNo}`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  /** `operator`: see `isOperator`. */
  readonly access: 'public' | 'user' | 'operator';
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** The handler gets the body as `bytes`, instead of parsed JSON. */
  readonly rawBody?: boolean;
  /**
   * A write of a caller with a token takes an `Idempotency-Key`, under which another request of theirs is refused. That
   * is seen to before the handler is called, unless the handler does so itself.
   */
  readonly keyed?: 'byHandler';
  /** Never refused for coming too often: health, and what a payment gateway has to say. */
  readonly unlimited?: true;
  /** Request headers worth documenting: name and meaning. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly responses: Readonly<Record<number, RouteResponse>>;
  /** The route's own problems. `route` adds those that follow from the rest of the declaration. */
  readonly problems: readonly Code[];
  readonly handle: (
    context: RouteContext<Parsed<Params>, Parsed<Query>, Parsed<Body>>,
  ) => Promise<Reply<NoInfer<Code>>>;
};

/** A route after `route` has checked its handler against its schemas; their types are not needed any more. */
export type Route = Omit<RouteSpec, 'params' | 'query' | 'body' | 'handle'> & {
  readonly params?: z.ZodType | undefined;
  readonly query?: z.ZodType | undefined;
  readonly body?: z.ZodType | undefined;
  readonly handle: (context: RouteContext<unknown, unknown, unknown>) => Promise<Reply>;
};

/** Does a key name the request before it is handled? */
export const isKeyed = ({ method, access, keyed }: Pick<Route, 'method' | 'access' | 'keyed'>): boolean =>
  isWrite({ method, access }) && keyed !== 'byHandler';

/** Does the request change something for a caller? Such requests are counted for the account. */
export const isWrite = ({ method, access }: Pick<Route, 'method' | 'access'>): boolean =>
  method !== 'get' && access !== 'public';

const DEVICE_NOTE = {
  [DEVICE_HEADER]: 'A name that an installation of a client keeps; requests are counted for the device, too.',
};
const KEY_HEADER = {
  'Idempotency-Key': 'Names the request: sent again, it changes things once; another request under it is refused.',
};

/** What every route of this kind may answer. */
const sharedProblems = (
  entry: Pick<Route, 'method' | 'access' | 'params' | 'query' | 'body' | 'keyed' | 'unlimited'>,
): readonly ProblemCode[] => [
  ...(entry.unlimited === true && entry.body === undefined ? [] : (['INVALID_REQUEST'] as const)),
  ...(entry.body === undefined ? [] : (['BODY_NOT_JSON', 'BODY_TOO_LARGE', 'MEDIA_TYPE_UNSUPPORTED'] as const)),
  ...(entry.access === 'public' ? [] : (['TOKEN_MISSING', 'TOKEN_INVALID'] as const)),
  ...(entry.access === 'operator' ? (['FORBIDDEN'] as const) : []),
  ...(isKeyed(entry) ? (['INVALID_REQUEST', 'IDEMPOTENCY_KEY_REUSED'] as const) : []),
  ...(entry.method === 'get' ? [] : (['STORAGE_FULL'] as const)),
  ...(entry.unlimited === true ? [] : (['RATE_LIMITED'] as const)),
  'OVERLOADED',
  'UNAVAILABLE',
  'INTERNAL',
];

export const route = <
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  const Code extends ProblemCode = ProblemCode,
>(
  spec: RouteSpec<Params, Query, Body, Code>,
): Route => {
  // Safe cast: the router parses with these same schemas before it calls the handler.
  const declared = spec as unknown as Route;
  return {
    ...declared,
    headers: {
      ...(isKeyed(declared) ? KEY_HEADER : {}),
      ...(isWrite(declared) ? DEVICE_NOTE : {}),
      ...declared.headers,
    },
    problems: [...new Set([...sharedProblems(declared), ...declared.problems])],
  };
};
