// Express: what is mounted, endpoints whose paths are not written as they are declared, and what to say where there is no
// endpoint.
import type { Logger } from '@railhead/commands/ports/logger.ts';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { sendFailure } from './answer.ts';
import { beginExchange, type Exchange, keepNowhere, type Observe } from './exchange.ts';
import { Problem } from './problem.ts';
import type { Served } from './route-table.ts';

export type ExpressAppOptions = {
  readonly served: readonly Served[];
  readonly observe: Observe;
  readonly mounts: readonly ((app: Express) => void)[];
  readonly logger: Logger;
};

/** Safe cast: the first handler of every request puts it there. */
const exchangeOf = ({ locals }: Response): Exchange => locals.exchange as Exchange;

export const expressApp = ({ served, observe, mounts, logger }: ExpressAppOptions): Express => {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use((request, response, next) => {
    response.locals.exchange = beginExchange(request, response, request.path, observe);
    next();
  });
  for (const mount of mounts) mount(app);
  app.use((_, response, next) => {
    keepNowhere(exchangeOf(response));
    next();
  });
  for (const { route, endpoint } of served)
    app[route.method](route.path.replaceAll(/\{(\w+)\}/g, ':$1'), ({ params, query }, response) =>
      endpoint(exchangeOf(response), { params, query }),
    );
  app.use(({ method, path }) => {
    const known = served.filter(({ route }) =>
      new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
    );
    if (known.length === 0) throw new Problem('NOT_FOUND', `${path} is not here`);
    const methods = known.map(({ route }) => route.method.toUpperCase());
    const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].join(', ');
    throw new Problem('METHOD_NOT_ALLOWED', `${method} is not allowed on ${path}`, {}, { Allow: allowed });
  });
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) =>
    sendFailure(exchangeOf(response), error, logger),
  );
  return app;
};
