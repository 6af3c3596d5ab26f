// The HTTP API as its OpenAPI document declares it, for tests that go through all of it.
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Answer, Json } from './shopper.ts';

export type DeclaredOperation = {
  readonly operationId: string;
  readonly method: string;
  /** `/v1/orders/{orderNo}` */
  readonly path: string;
  readonly needsToken: boolean;
  readonly hasBody: boolean;
  /** Codes of the problems by status. */
  readonly problems: Readonly<Record<string, readonly string[]>>;
};

export class DeclaredApi {
  readonly operations: readonly DeclaredOperation[];
  readonly #document: Json;
  /** The schemas say more than they must, and formats are what the shapes of requests check. */
  readonly #schemas = new Ajv2020({ strict: false, validateSchema: false, validateFormats: false });

  constructor(operations: readonly DeclaredOperation[], document: Json) {
    this.operations = operations;
    this.#document = document;
    this.#schemas.addSchema(document, DOCUMENT);
  }

  find(method: string, path: string): DeclaredOperation | undefined {
    const [pathname = ''] = path.split('?', 1);
    return this.operations.find(
      (one) => one.method === method && new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
    );
  }

  /** A JSON answer of an operation has what its schema demands, and nothing that the schema does not know. */
  assertFits(method: string, path: string, { status, headers, body }: Answer): void {
    const [type = ''] = (headers.get('content-type') ?? '').split(';', 1);
    const operation = this.find(method, path);
    if (operation === undefined || !type.endsWith('json')) return;
    const place = ['paths', operation.path, method.toLowerCase(), 'responses', status, 'content', type, 'schema'];
    const name = `${method} ${path} (${operation.operationId}) ${status}`;
    if (place.reduce((within, step) => within?.[step], this.#document) === undefined)
      throw new Error(`${name} answers ${type}, undeclared`);
    const validate = this.#schemas.getSchema(`${DOCUMENT}#/${place.map(pointerPart).join('/')}`);
    if (validate?.(body) === true) return;
    throw new Error(`${name} answers what its schema does not allow: ${JSON.stringify(validate?.errors)}`);
  }

  assertDeclared(method: string, path: string, code: string): void {
    const operation = this.find(method, path);
    const declared = operation === undefined ? OUTSIDE : Object.values(operation.problems).flat();
    if (!declared.includes(code))
      throw new Error(`${method} ${path} (${operation?.operationId ?? 'no route'}) answers ${code}, undeclared`);
  }
}

const DOCUMENT = 'openapi';

/** A step of a JSON pointer within a URI. */
const pointerPart = (step: string | number): string =>
  encodeURIComponent(String(step).replaceAll('~', '~0').replaceAll('/', '~1'));

/** Problems of a request without a route. */
const OUTSIDE: readonly string[] = [
  'NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'INVALID_REQUEST',
  'PRECONDITION_FAILED',
  'RANGE_NOT_SATISFIABLE',
];

/** Each problem stands in its status's description as `CODE`: title. */
const codesOf = (description: string): readonly string[] =>
  [...description.matchAll(/`([A-Z_]+)`:/g)].map(([, code]) => code ?? '');

export const declaredApi = (document: Json): DeclaredApi =>
  new DeclaredApi(
    Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
      Object.entries<Json>(methods).map(([method, declared]) => ({
        operationId: declared.operationId,
        method: method.toUpperCase(),
        path,
        needsToken: declared.security !== undefined,
        hasBody: declared.requestBody !== undefined,
        problems: Object.fromEntries(
          Object.entries<Json>(declared.responses).map(([status, { description }]) => [status, codesOf(description)]),
        ),
      })),
    ),
    document,
  );
