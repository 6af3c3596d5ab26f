// The web application: makes an Express app from the routes, with everything that all endpoints have in common.
import type { NamedRequest } from '@railhead/commands/idempotency/name-request.ts';
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import type { Logger } from '@railhead/commands/ports/logger.ts';
import { GatewayError } from '@railhead/commands/ports/payment-gateway.ts';
import type { Result } from '@railhead/domain/kernel/decision.ts';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import { z } from 'zod';
import { readBody, readJson } from './body.ts';
import { givenKeyOf } from './idempotency-key.ts';
import { Problem, type ProblemCode } from './problem.ts';
import { requestIdOf } from './request-id.ts';
import type { RequestLimits } from './request-limits.ts';
import { type Caller, isKeyed, isOperator, isWrite, type Route, type RouteContext } from './route.ts';

export type AppDeps = {
  readonly routes: readonly Route[];
  /** The caller of a bearer token; throws `Problem` TOKEN_INVALID. */
  readonly authenticate: (token: string) => Promise<Caller>;
  /** Keeps which request a key names; refused where it names another one. */
  readonly nameRequest: (named: NamedRequest) => Promise<Result<unknown, 'IDEMPOTENCY_KEY_REUSED' | 'CONTENDED'>>;
  readonly limits: RequestLimits;
  readonly logger: Logger;
  readonly bodyLimitBytes: number;
  readonly observe: (operationId: string, method: string, status: number, seconds: number) => void;
  /** Mounted before the routes: the API reference, a development gateway. */
  readonly mounts?: readonly ((app: Express) => void)[];
};

/** Of requests that no endpoint takes, in the metrics. */
const NO_OPERATION = 'none';
const NOBODY: Caller = { userId: '', role: '' };

export const createApp = ({
  routes,
  authenticate,
  nameRequest,
  limits,
  logger,
  bodyLimitBytes,
  observe,
  mounts,
}: AppDeps): Express => {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(helmet());
  app.use((request, response, next) => {
    const started = process.hrtime.bigint();
    response.once('close', () => {
      const seconds = Number(process.hrtime.bigint() - started) / 1e9;
      const { operationId = NO_OPERATION } = response.locals;
      observe(String(operationId), request.method.toLowerCase(), response.statusCode, seconds);
    });
    const requestId = requestIdOf(request);
    response.locals.requestId = requestId;
    response.setHeader('X-Request-Id', requestId);
    next();
  });
  for (const mount of mounts ?? []) mount(app);
  app.use((request, response, next) => {
    // Express would answer 304 to a condition, which no endpoint declares, and nobody may keep what it would confirm.
    delete request.headers['if-none-match'];
    delete request.headers['if-modified-since'];
    // Of people, or of this very moment.
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  for (const entry of routes) {
    app[entry.method](entry.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (request, response) => {
      response.locals.operationId = entry.operationId;
      const caller = await callerOf(entry.access, request, authenticate);
      if (isWrite(entry)) limits.countWrite(caller, request, response);
      if (entry.rawBody === true) request.body = await readBody(request, bodyLimitBytes);
      const sent =
        entry.rawBody === true || entry.body === undefined ? undefined : await readJson(request, bodyLimitBytes);
      const context = {
        caller,
        params: parse(entry.params, request.params, 'path'),
        query: readQuery(entry, request.query),
        body: entry.rawBody === true ? undefined : parse(entry.body, sent, 'body'),
        requestId: String(response.locals.requestId),
        request,
        response,
      };
      await claimKey(entry, context, nameRequest);
      const reply = await entry.handle(context);
      if (reply === 'streamed') return;
      if ('refused' in reply) {
        const { code, detail, extra } = reply.refused;
        throw new Problem(code, detail, extra, reply.headers);
      }
      for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
      response.status(reply.status);
      if (reply.body === undefined) response.end();
      else response.json(reply.body);
    });
  }
  app.use((request) => {
    const known = routes.filter((entry) =>
      new RegExp(`^${entry.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(request.path),
    );
    if (known.length === 0) throw new Problem('NOT_FOUND', `${request.path} is not here`);
    const methods = known.map(({ method }) => method.toUpperCase());
    const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].join(', ');
    throw new Problem(
      'METHOD_NOT_ALLOWED',
      `${request.method} is not allowed on ${request.path}`,
      {},
      { Allow: allowed },
    );
  });
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const problem = problemOf(error);
    if (problem.status >= 500 && problem.status !== 503)
      logger.error({ err: error, path: request.path, requestId: response.locals.requestId }, 'a request failed');
    if (response.headersSent) {
      response.destroy();
      return;
    }
    for (const [name, value] of Object.entries(problem.headers)) response.setHeader(name, value);
    response.status(problem.status).type('application/problem+json').json(problem.body(request.path));
  });
  return app;
};

/** Throws `Problem` where the request's key names another request. */
const claimKey = async (
  entry: Route,
  { caller, params, query, body, requestId, request }: RouteContext<unknown, unknown, unknown>,
  nameRequest: AppDeps['nameRequest'],
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
  request: Request,
  authenticate: (token: string) => Promise<Caller>,
): Promise<Caller> => {
  if (access === 'public') return NOBODY;
  const caller = await authenticate(bearerOf(request));
  if (access === 'operator' && !isOperator(caller))
    throw new Problem('FORBIDDEN', `this takes the role of an operator, not of a ${caller.role}`);
  return caller;
};

const bearerOf = (request: Request): string => {
  const [, token] = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(request.get('authorization') ?? '') ?? [];
  if (token === undefined)
    throw new Problem('TOKEN_MISSING', 'send Authorization: Bearer <token>', {}, { 'WWW-Authenticate': 'Bearer' });
  return token;
};

/** A parameter that is not declared is a mistake of the client's. Monitors and gateways may add what they like. */
const NO_QUERY = z.strictObject({}).transform(() => undefined);
const queryOf = ({ query, unlimited }: Route): z.ZodType | undefined =>
  query ?? (unlimited === true ? undefined : NO_QUERY);

/** What has no value would be read as 0 where a number is asked for. */
const readQuery = (entry: Route, given: Request['query']): unknown => {
  const query = parse(queryOf(entry), given, 'query');
  const empty = entry.unlimited === true ? [] : Object.keys(given).filter((name) => given[name] === '');
  if (empty.length > 0) throw invalid(empty.map((name) => ({ at: `query.${name}`, message: 'has no value' })));
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

/** Failures after which the client may try again. Every other failure of the store is an internal error. */
const STORE_PROBLEMS: Partial<Record<EventStoreError['code'], ProblemCode>> = {
  STORE_FULL: 'STORAGE_FULL',
  STORE_OVERLOADED: 'OVERLOADED',
  STORE_CLOSED: 'UNAVAILABLE',
  STORE_UNAVAILABLE: 'UNAVAILABLE',
  OUTCOME_UNKNOWN: 'UNAVAILABLE',
};

/** The problem that a client sees for anything thrown. Details of an unexpected error stay in the server's log. */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof Problem) return error;
  if (error instanceof EventStoreError) {
    const code = STORE_PROBLEMS[error.code];
    return code === undefined ? new Problem('INTERNAL', 'the event store refused') : new Problem(code, error.message);
  }
  if (error instanceof GatewayError) return new Problem(error.code, error.message);
  if (error instanceof URIError) return new Problem('INVALID_REQUEST', 'the path is not well formed');
  // A mistake of the client, as Express and its parts report it.
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  if (status >= 400 && status < 500)
    return new Problem(CLIENT_PROBLEMS[status] ?? 'INVALID_REQUEST', 'the request cannot be answered');
  return new Problem('INTERNAL', 'the failure has been logged under this request id');
};

const CLIENT_PROBLEMS: Readonly<Record<number, ProblemCode>> = {
  404: 'NOT_FOUND',
  412: 'PRECONDITION_FAILED',
  413: 'BODY_TOO_LARGE',
  415: 'MEDIA_TYPE_UNSUPPORTED',
  416: 'RANGE_NOT_SATISFIABLE',
};
