// Finds the endpoint of a request by its path, where the path is written as it is declared. Whatever is written in another
// way (capitals, a slash at the end, escapes, a whole URL) is Express's to understand.
import { parse } from 'node:querystring';
import type { Address, Endpoint } from './endpoint.ts';
import type { Route } from './route.ts';

export type Served = { readonly route: Route; readonly endpoint: Endpoint };

type Found = { readonly endpoint: Endpoint; readonly path: string; readonly address: Address };

/** A segment of a declared path: text, or the name of a parameter. */
type Segment = { readonly text: string } | { readonly parameter: string };

type Entry = { readonly segments: readonly Segment[]; readonly endpoint: Endpoint };

/** ASCII without spaces and without a fragment. */
const PLAIN_URL = /^\/[\x21\x22\x24-\x7e]*$/;

export class RouteTable {
  /** By method and number of segments, in the order of the declarations. */
  readonly #entries = new Map<string, Entry[]>();

  constructor(served: readonly Served[]) {
    for (const { route, endpoint } of served) {
      const segments = route.path.split('/').map(segmentOf);
      const methods = route.method === 'get' ? ['GET', 'HEAD'] : [route.method.toUpperCase()];
      for (const method of methods) {
        const key = keyOf(method, segments.length);
        const entries = this.#entries.get(key) ?? [];
        entries.push({ segments, endpoint });
        this.#entries.set(key, entries);
      }
    }
  }

  find(method: string, url: string): Found | undefined {
    if (!PLAIN_URL.test(url)) return undefined;
    const at = url.indexOf('?');
    const path = at < 0 ? url : url.slice(0, at);
    if (path.includes('%')) return undefined;
    const parts = path.split('/');
    for (const { segments, endpoint } of this.#entries.get(keyOf(method, parts.length)) ?? []) {
      const params = paramsOf(segments, parts);
      if (params !== undefined)
        return { endpoint, path, address: { params, query: parse(at < 0 ? '' : url.slice(at + 1)) } };
    }
    return undefined;
  }
}

const keyOf = (method: string, segments: number): string => `${method} ${segments}`;

const segmentOf = (segment: string): Segment => {
  const [, parameter] = /^\{(\w+)\}$/.exec(segment) ?? [];
  return parameter === undefined ? { text: segment } : { parameter };
};

const paramsOf = (
  segments: readonly Segment[],
  parts: readonly string[],
): Readonly<Record<string, string>> | undefined => {
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = parts[index] ?? '';
    if ('text' in segment) {
      if (segment.text !== part) return undefined;
    } else if (part === '') return undefined;
    else params[segment.parameter] = part;
  }
  return params;
};
