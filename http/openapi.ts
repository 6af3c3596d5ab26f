// OpenAPI 3.1 from the routes: the zod schemas that parse the requests also describe them.
import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
} from 'zod-openapi';
import { type ProblemCode, problemStatus, problemTitle } from './problem.ts';
import type { Route, RouteResponse } from './route.ts';

const problemSchema = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    instance: z.string(),
    errors: z
      .array(z.object({ at: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'Of INVALID_REQUEST: what is wrong, and where.' }),
  })
  .meta({
    id: 'Problem',
    description: 'RFC 9457 problem details; `code` is stable, and may bring members of its own.',
  });

export const openApiDocument = (routes: readonly Route[], version: string): object => {
  const paths: ZodOpenApiPathsObject = {};
  for (const entry of routes) paths[entry.path] = { ...paths[entry.path], [entry.method]: operationOf(entry) };
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Railhead',
      version,
      description:
        'Sells train tickets from an event log. Every write answers with `Railhead-Position`; a read that sends it back as `Railhead-Min-Position` sees that write.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
    paths,
  });
};

/** A response may be a problem or another answer with the same status. */
const withProblems = (codes: readonly ProblemCode[], other: RouteResponse | undefined): ZodOpenApiResponseObject => {
  const problems = codes.map((code) => `\`${code}\`: ${problemTitle(code)}`);
  return {
    description: [...(other === undefined ? [] : [other.description]), ...problems].join('; '),
    content: {
      ...(other?.schema === undefined ? {} : { [other.contentType ?? 'application/json']: { schema: other.schema } }),
      'application/problem+json': { schema: problemSchema },
    },
  };
};

const operationOf = (entry: Route): ZodOpenApiOperationObject => {
  const responses: ZodOpenApiOperationObject['responses'] = {};
  for (const [status, { description, schema, contentType }] of Object.entries(entry.responses))
    responses[status as `${1 | 2 | 3 | 4 | 5}${string}`] = {
      description,
      ...(schema === undefined ? {} : { content: { [contentType ?? 'application/json']: { schema } } }),
    };
  const byStatus = Map.groupBy(entry.problems, (code) => String(problemStatus(code)));
  for (const [status, codes] of byStatus)
    responses[status as `${4 | 5}${string}`] = withProblems(codes, entry.responses[Number(status)]);
  const headers = Object.entries(entry.headers ?? {}).map(([name, description]) => ({
    name,
    in: 'header' as const,
    description,
    schema: { type: 'string' as const },
  }));
  return {
    operationId: entry.operationId,
    summary: entry.summary,
    tags: [entry.tag],
    ...(entry.access === 'public' ? {} : { security: [{ bearer: [] }] }),
    ...(headers.length === 0 ? {} : { parameters: headers }),
    requestParams: {
      ...(entry.params === undefined ? {} : { path: entry.params as z.ZodObject }),
      ...(entry.query === undefined ? {} : { query: entry.query as z.ZodObject }),
    },
    ...(entry.body === undefined ? {} : { requestBody: { content: { 'application/json': { schema: entry.body } } } }),
    responses,
  };
};
