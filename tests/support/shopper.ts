// A client of the HTTP API: fetch, JSON, a bearer token.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CallerRole, signToken } from '@railhead/infra/http/tokens.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are checked field by field where they are used
export type Json = any;

export type Answer = { readonly status: number; readonly headers: Headers; readonly body: Json };

export type Ask = {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string;
};

export const ask = async (url: string, { method, body, headers, token }: Ask = {}): Promise<Answer> => {
  const response = await fetch(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
};

/** A token signed with the secret of a data folder, as `railhead token` does. */
export const tokenFor = (folder: string, user: string, role: CallerRole = 'user'): Promise<string> => {
  // Made by the first start.
  const { authSecret } = JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')) as { authSecret: string };
  return signToken(authSecret, user, role, 1);
};

/** The run date `days` from today on Beijing's calendar. */
export const runDate = (days: number): string =>
  new Date(Date.now() + 480 * 60_000 + days * 86_400_000).toISOString().slice(0, 10);

let people = 0;
export const passenger = (extra: object = {}): object => {
  people += 1;
  return { name: '张三', idType: 'passport', idNo: `E${String(10_000_000 + people)}`, kind: 'adult', ...extra };
};
