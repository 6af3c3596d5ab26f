// Asks the process that serves a data folder, in the name of an operator.
import { ownerOf } from '@railhead/infra/eventstore/sqlite/folder-owner.ts';
import { signToken } from '@railhead/infra/http/tokens.ts';
import type { Command } from 'commander';
import { z } from 'zod';
import { RefusedByServer, UsageError } from './exit-codes.ts';
import { type ConfigOptions, readyConfigOf, withSettings } from './options.ts';

const TOKEN_HOURS = 24;
const ANSWER_MS = 60_000;

const problemShape = z.looseObject({ code: z.string(), detail: z.string() });

export type AskServer = (
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body?: object,
  headers?: Readonly<Record<string, string>>,
) => Promise<{ readonly status: number; readonly answer: unknown }>;

/** What a command takes that asks the process which serves. */
export type AskingOptions = ConfigOptions & { readonly url?: string; readonly by: string; readonly json?: boolean };

/** A part of a command that asks the process which serves. `json`: what its `--json` prints. */
export const askingPart = (command: Command, name: string, about: string, json: string): Command =>
  withSettings(command.command(name).description(about), ['data'])
    .option('--url <url>', 'the process to ask; else the one that serves the data folder')
    .option('--by <operator>', 'who is named in the log', 'operator')
    .option('--json', json);

/** Throws `UsageError` where nothing serves; each question throws as `serverAt` says. */
export const asking = async (options: AskingOptions): Promise<AskServer> => {
  const { data, authSecret } = readyConfigOf(options);
  const url = options.url ?? ownerOf(data)?.url;
  if (url === undefined) throw new UsageError(`nothing serves ${data}; name a process with --url`);
  return serverAt(url, authSecret, options.by);
};

/** Each question throws `RefusedByServer`, unless the process answers with success. */
export const serverAt = async (url: string, authSecret: string, operator: string): Promise<AskServer> => {
  const authorization = `Bearer ${await signToken(authSecret, operator, 'operator', TOKEN_HOURS)}`;
  return async (method, path, body, extra = {}) => {
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const type = sent === undefined ? undefined : { 'content-type': 'application/json' };
    let [status, answer]: [number, unknown] = [0, undefined];
    try {
      const response = await fetch(`${url.replace(/\/$/, '')}${path}`, {
        method,
        headers: { authorization, ...type, ...extra },
        body: sent ?? null,
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      [status, answer] = [response.status, await response.json()];
      if (response.ok) return { status, answer };
    } catch (cause) {
      throw new RefusedByServer('UNAVAILABLE', `${url} does not answer as Railhead does: ${String(cause)}`);
    }
    const problem = problemShape.safeParse(answer);
    if (!problem.success)
      throw new RefusedByServer('UNAVAILABLE', `${url} answers ${status}, and not as Railhead does`);
    throw new RefusedByServer(problem.data.code, problem.data.detail);
  };
};
