// Answers requests for one endpoint as its route declares it: who asks, how often, with what, under which key.
import type { IncomingMessage } from 'node:http';
import type { NamedRequest } from '@railhead/commands/idempotency/name-request.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import type { Result } from '@railhead/domain/kernel/decision.ts';
import { z } from 'zod';
import { sendFailure, sendJson, sendNothing, sendText } from './answer.ts';
import { NO_BYTES, parsedJson, readBody } from './body.ts';
import type { Exchange } from './exchange.ts';
import { headerOf } from './header.ts';
import { givenKeyOf } from './idempotency-key.ts';
import { Problem } from './problem.ts';
import type { RequestLimits } from './request-limits.ts';
import { type Caller, isKeyed, isOperator, isWrite, type Reply, type Route, type RouteContext } from './route.ts';

export type EndpointDeps = {
  /** The caller of a bearer token; throws `Problem` TOKEN_INVALID. */
  readonly authenticate: (token: string) => Promise<Caller>;
  /** Keeps which request a key names; refused where it names another one. */
  readonly nameRequest: (named: NamedRequest) => Promise<Result<unknown, 'IDEMPOTENCY_KEY_REUSED' | 'CONTENDED'>>;
  readonly limits: RequestLimits;
  readonly logger: Logger;
  readonly bodyLimitBytes: number;
};

/** What the path and the query say, decoded and not checked. */
export type Address = { readonly params: unknown; readonly query: unknown };

/** Answers the request, whatever happens; never rejects. */
export type Endpoint = (exchange: Exchange, address: Address) => Promise<void>;

const NOBODY: Caller = { userId: '', role: '' };

export const endpointOf = (route: Route, deps: EndpointDeps): Endpoint => {
  const countsAsWrite = isWrite(route);
  const query = queryOf(route);
  const hasBody = route.rawBody === true || route.body !== undefined;
  return async (exchange, address) => {
    exchange.operationId = route.operationId;
    const { request, response, requestId } = exchange;
    try {
      const caller = await callerOf(route.access, exchange, deps.authenticate);
      if (countsAsWrite) deps.limits.countWrite(caller, request, response);
      const bytes = hasBody ? await readBody(request, deps.bodyLimitBytes) : NO_BYTES;
      const sent = route.rawBody === true || route.body === undefined ? undefined : parsedJson(request, bytes);
      const context = {
        caller,
        params: parse(route.params, address.params, 'path'),
        query: readQuery(route, query, address.query),
        body: route.rawBody === true ? undefined : parse(route.body, sent, 'body'),
        bytes,
        requestId,
        request,
        response,
      };
      await claimKey(route, context, deps.nameRequest);
      sendReply(exchange, await route.handle(context));
    } catch (error) {
      sendFailure(exchange, error, deps.logger);
    }
  };
};

const sendReply = (exchange: Exchange, reply: Reply): void => {
  if (reply === 'streamed') return;
  if ('refused' in reply) {
    const { code, detail, extra } = reply.refused;
    throw new Problem(code, detail, extra, reply.headers);
  }
  if ('text' in reply) sendText(exchange, reply.status, reply.contentType, reply.text, reply.headers);
  else if (reply.body === undefined) sendNothing(exchange, reply.status, reply.headers);
  else sendJson(exchange, reply.status, reply.body, reply.headers);
};

/** Throws `Problem` where the request's key names another request. */
const claimKey = async (
  entry: Route,
  { caller, params, query, body, requestId, request }: RouteContext<unknown, unknown, unknown>,
  nameRequest: EndpointDeps['nameRequest'],
): Promise<void> => {
  const idempotencyKey = isKeyed(entry) ? givenKeyOf(request) : undefined;
  if (idempotencyKey === undefined) return;
  const named = await nameRequest({
    userId: caller.userId,
    operation: entry.operationId,
    idempotencyKey,
    asked: [params, query, body],
    correlationId: requestId,
  });
  if (named.ok) return;
  const { code, detail } = named.refusal;
  throw new Problem(code === 'CONTENDED' ? 'OVERLOADED' : code, detail);
};

const callerOf = async (
  access: Route['access'],
  { request }: Exchange,
  authenticate: (token: string) => Promise<Caller>,
): Promise<Caller> => {
  if (access === 'public') return NOBODY;
  const caller = await authenticate(bearerOf(request));
  if (access === 'operator' && !isOperator(caller))
    throw new Problem('FORBIDDEN', `this takes the role of an operator, not of a ${caller.role}`);
  return caller;
};

const bearerOf = (request: IncomingMessage): string => {
  const [, token] = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(headerOf(request, 'authorization') ?? '') ?? [];
  if (token === undefined)
    throw new Problem('TOKEN_MISSING', 'send Authorization: Bearer <token>', {}, { 'WWW-Authenticate': 'Bearer' });
  return token;
};

/** A parameter that is not declared is a mistake of the client's. Monitors and gateways may add what they like. */
const NO_QUERY = z.strictObject({}).transform(() => undefined);
const queryOf = ({ query, unlimited }: Route): z.ZodType | undefined =>
  query ?? (unlimited === true ? undefined : NO_QUERY);

/** What has no value would be read as 0 where a number is asked for. */
const readQuery = ({ unlimited }: Route, schema: z.ZodType | undefined, given: unknown): unknown => {
  const query = parse(schema, given, 'query');
  const empty = unlimited === true ? [] : Object.entries(given ?? {}).filter(([, value]) => value === '');
  if (empty.length > 0) throw invalid(empty.map(([name]) => ({ at: `query.${name}`, message: 'has no value' })));
  return query;
};

const MAX_ISSUES = 20;

const parse = (schema: z.ZodType | undefined, value: unknown, where: string): unknown => {
  if (schema === undefined) return undefined;
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  throw invalid(result.error.issues.flatMap((issue) => complaintsOf(issue, where)).slice(0, MAX_ISSUES));
};

type Complaint = { readonly at: string; readonly message: string };

const invalid = (errors: readonly Complaint[]): Problem =>
  new Problem('INVALID_REQUEST', `${errors[0]?.at}: ${errors[0]?.message}`, { errors });

/** A name that is not known is told like a value that is wrong: by its place. */
const complaintsOf = (issue: z.core.$ZodIssue, where: string): readonly Complaint[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ at: [where, ...issue.path, key].join('.'), message: 'there is no such name here' }))
    : [{ at: [where, ...issue.path].join('.'), message: issue.message }];
