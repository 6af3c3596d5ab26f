// The HTTP API as its OpenAPI document declares it, for tests that go through all of it.
import type { Json } from './shopper.ts';

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

  constructor(operations: readonly DeclaredOperation[]) {
    this.operations = operations;
  }

  find(method: string, path: string): DeclaredOperation | undefined {
    const [pathname = ''] = path.split('?', 1);
    return this.operations.find(
      (one) => one.method === method && new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
    );
  }

  assertDeclared(method: string, path: string, code: string): void {
    const operation = this.find(method, path);
    const declared = operation === undefined ? OUTSIDE : Object.values(operation.problems).flat();
    if (!declared.includes(code))
      throw new Error(`${method} ${path} (${operation?.operationId ?? 'no route'}) answers ${code}, undeclared`);
  }
}

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
  );
