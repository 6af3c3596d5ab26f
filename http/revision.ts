// Revisions of a run in headers: a read answers with one, a change takes it back and is made to that revision alone.
import type { IncomingMessage } from 'node:http';
import { headerOf } from './header.ts';
import { Problem } from './problem.ts';

export const entityTag = (revision: number): string => `"${revision}"`;

const TAGS = /^(?:W\/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e]*")*$/;

/** By `If-Match`: none of its tags may be one of ours, and then nothing fits. Throws `Problem` INVALID_REQUEST. */
export const expectedRevisions = (request: IncomingMessage): { readonly ifRevision?: readonly number[] } => {
  const header = headerOf(request, 'if-match')?.trim();
  if (header === undefined || header === '*') return {};
  if (!TAGS.test(header)) throw new Problem('INVALID_REQUEST', 'If-Match: tags in quotes, or *');
  // Tags compare strongly (RFC 9110, section 13.1.1): a weak one is none.
  const strong = header.split(',').flatMap((tag) => /^"(\d{1,15})"$/.exec(tag.trim())?.[1] ?? []);
  return { ifRevision: strong.map(Number) };
};
