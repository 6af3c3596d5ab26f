// The web application: every endpoint that is declared, and Express for all the rest. Both ways begin a request alike, and
// lead to the same endpoint.
import type { RequestListener } from 'node:http';
import type { Express } from 'express';
import { sendFailure } from './answer.ts';
import { type EndpointDeps, endpointOf } from './endpoint.ts';
import { beginExchange, keepNowhere, type Observe } from './exchange.ts';
import { expressApp } from './express-app.ts';
import { Problem } from './problem.ts';
import type { Route } from './route.ts';
import { RouteTable } from './route-table.ts';

export type AppDeps = EndpointDeps & {
  readonly routes: readonly Route[];
  readonly observe: Observe;
  /** What else is served, by Express: the API reference, a development gateway. */
  readonly mounts?: readonly ((app: Express) => void)[];
};

export const createApp = ({ routes, observe, mounts = [], ...deps }: AppDeps): RequestListener => {
  const served = routes.map((route) => ({ route, endpoint: endpointOf(route, deps) }));
  const table = new RouteTable(served);
  const rest = expressApp({ served, observe, mounts, logger: deps.logger });
  const refuseAddress: RequestListener = (request, response) => {
    const exchange = beginExchange(request, response, '', observe);
    sendFailure(exchange, new Problem('INVALID_REQUEST', 'the address that is asked for is none'), deps.logger);
  };
  return (request, response) => {
    const found = table.find(request.method ?? '', request.url ?? '');
    if (found === undefined) {
      if (isAddress(request.url ?? '')) rest(request, response);
      else refuseAddress(request, response);
      return;
    }
    const exchange = beginExchange(request, response, found.path, observe);
    keepNowhere(exchange);
    void found.endpoint(exchange, found.address);
  };
};

/** A path, all of the server (`*`), or a whole URL. Express has no answer of ours to anything else. */
const isAddress = (url: string): boolean => url.startsWith('/') || url === '*' || isWholeUrl(url);

/** Also one that older parsers would take for something else. */
const isWholeUrl = (url: string): boolean => {
  if (!URL.canParse(url)) return false;
  return /^https?:$/.test(new URL(url).protocol);
};
