// The web application: every endpoint that is declared, and Express for all the rest. Both ways begin a request alike, and
// lead to the same endpoint.
import type { RequestListener } from 'node:http';
import type { Express } from 'express';
import { type EndpointDeps, endpointOf } from './endpoint.ts';
import { beginExchange, keepNowhere, type Observe } from './exchange.ts';
import { expressApp } from './express-app.ts';
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
  return (request, response) => {
    const found = table.find(request.method ?? '', request.url ?? '');
    if (found === undefined) {
      rest(request, response);
      return;
    }
    const exchange = beginExchange(request, response, found.path, observe);
    keepNowhere(exchange);
    void found.endpoint(exchange, found.address);
  };
};
