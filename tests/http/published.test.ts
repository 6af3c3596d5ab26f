// The HTTP API as clients rely on it: every parameter, field and limit, a line each, as published.txt has them. Names are a
// contract: fields may be added, none renamed. `PUBLISH_API=1 npm test -- tests/http/published` writes down what is new, and
// what changes on purpose.
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ServedRailway } from '../support/served-railway.ts';
import { ask, type Json } from '../support/shopper.ts';

let railway: ServedRailway;
beforeAll(async () => {
  railway = await ServedRailway.start({ rows: 1, letters: 'A', stops: 2 });
});
afterAll(() => railway.stop());

/** Texts for people may be put better at any time. */
const TEXTS = ['description', 'summary', 'title', 'example', 'examples'];
const SHAPE = ['type', 'properties', 'required', 'items', 'anyOf', 'oneOf', 'allOf', '$ref'];

const linesOf = (document: Json): readonly string[] => {
  const fields = (schema: Json, path: string): readonly string[] => {
    if (schema.$ref !== undefined) return fields(document.components.schemas[schema.$ref.split('/').at(-1)], path);
    const options: Json[] = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? [];
    const limits = Object.entries(schema).filter(
      ([key, value]) =>
        !TEXTS.includes(key) &&
        !SHAPE.includes(key) &&
        Math.abs(Number(value)) !== Number.MAX_SAFE_INTEGER &&
        // What the format says already.
        !(key === 'pattern' && schema.format !== undefined),
    );
    const type = [
      schema.type ?? (options.length > 0 ? 'one of' : 'anything'),
      ...limits.map((entry) => JSON.stringify(entry)),
    ];
    return [
      `${path}: ${type.flat().join(' ')}`,
      ...Object.entries<Json>(schema.properties ?? {}).flatMap(([name, field]) =>
        fields(field, `${path}.${name}${schema.required?.includes(name) === true ? '' : '?'}`),
      ),
      ...(schema.items === undefined ? [] : fields(schema.items, `${path}[]`)),
      ...options.flatMap((option, index) => fields(option, `${path}|${index}`)),
    ];
  };
  const contents = (of: Json, path: string): readonly string[] =>
    Object.entries<Json>(of?.content ?? {}).flatMap(([type, { schema }]) =>
      type === 'application/problem+json' ? [] : fields(schema, `${path} ${type}`),
    );
  return Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).flatMap(([method, operation]) => {
      const name = `${method.toUpperCase()} ${path}`;
      return [
        `${name} ${operation.operationId} (${operation.tags}) ${operation.security === undefined ? 'public' : 'by token'}`,
        ...(operation.parameters ?? []).flatMap((one: Json) =>
          fields(one.schema, `${name} ${one.in} ${one.name}${one.required === true ? '' : '?'}`),
        ),
        ...contents(operation.requestBody, `${name} asks`),
        ...Object.entries<Json>(operation.responses).flatMap(([status, response]) => [
          `${name} ${status} ${[...response.description.matchAll(/`([A-Z_]+)`:/g)].map(([, code]) => code).join(' ')}`.trimEnd(),
          ...contents(response, `${name} ${status}`),
        ]),
      ];
    }),
  );
};

const PUBLISHED = new URL('published.txt', import.meta.url);

test('the API still has everything that is published, as it is published', async () => {
  const lines = linesOf((await ask(`${railway.url}/openapi.json`)).body);
  if (process.env.PUBLISH_API !== undefined) writeFileSync(PUBLISHED, `${lines.join('\n')}\n`);
  const published = readFileSync(PUBLISHED, 'utf8').trimEnd().split('\n');
  expect(published.length).toBeGreaterThan(500);
  expect(published.filter((line) => !lines.includes(line))).toEqual([]);
});

test('every text for people is there', async () => {
  const { body } = await ask(`${railway.url}/openapi.json`);
  const operations = Object.values<Json>(body.paths).flatMap((methods) => Object.values<Json>(methods));
  for (const { operationId, summary, responses } of operations) {
    expect([operationId, summary]).toEqual([operationId, expect.stringMatching(/\S/)]);
    for (const { description } of Object.values<Json>(responses))
      expect([operationId, description]).toEqual([operationId, expect.stringMatching(/\S/)]);
  }
});
