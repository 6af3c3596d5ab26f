// Speaks with Elasticsearch: what is asked for, how long to wait, and what its failures mean.
import { Client, errors } from '@elastic/elasticsearch';
import { EventStoreError } from '@railhead/commands/ports/event-store.ts';
import { OpenSearchConnection } from './opensearch-connection.ts';

/** A question by somebody who waits, and everything small. */
export const QUESTION_MS = 5_000;
/** A batch of documents. */
export const BATCH_MS = 60_000;

/** Before the address of a server that is OpenSearch. */
const OPENSEARCH = 'opensearch+';

/** Where it is, and whether it is OpenSearch. */
const serverAt = (text: string): { readonly url: string; readonly isOpenSearch: boolean } =>
  text.startsWith(OPENSEARCH)
    ? { url: text.slice(OPENSEARCH.length), isOpenSearch: true }
    : { url: text, isOpenSearch: false };

export const isSearchAddress = (text: string): boolean => {
  const { url } = serverAt(text);
  if (!URL.canParse(url)) return false;
  const { protocol, pathname, search, hash } = new URL(url);
  return ['http:', 'https:'].includes(protocol) && pathname === '/' && search === '' && hash === '';
};

/**
 * The server does not answer, has no room, or holds what this program cannot use: everything else goes on meanwhile. What
 * it was asked is not in here, because that has names of people in it.
 */
export class SearchAway extends EventStoreError {
  constructor(why: string) {
    super('STORE_UNAVAILABLE', `the search server cannot be used at the moment: ${why}`);
  }
}

export const clientAt = (address: string): Client => {
  const { url, isOpenSearch } = serverAt(address);
  return new Client({
    node: url,
    // Whoever asks tries again, and knows best when.
    maxRetries: 0,
    requestTimeout: QUESTION_MS,
    ...(isOpenSearch ? { Connection: OpenSearchConnection } : {}),
  });
};

/** Runs what asks the server. Every failure of it is the server's, and says so. */
export const asking = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof errors.ElasticsearchClientError) throw new SearchAway(saidBy(error));
    throw error;
  }
};

export const statusOf = (error: unknown): number | undefined =>
  error instanceof errors.ResponseError ? error.statusCode : undefined;

/** The kind of a failure, as Elasticsearch names it. */
export const typeOf = (error: unknown): string | undefined => {
  if (!(error instanceof errors.ResponseError)) return undefined;
  // Safe cast: the documented form of a failure.
  const body = error.body as { readonly error?: { readonly type?: string } } | undefined;
  return body?.error?.type;
};

/** In a few words, for whoever looks after the server. */
export const saidBy = (error: unknown): string => {
  if (error instanceof errors.ResponseError) return `${error.statusCode ?? ''} ${typeOf(error) ?? ''}`.trim();
  if (error instanceof errors.TimeoutError) return 'no answer in time';
  return error instanceof errors.ConnectionError ? 'no answer' : String(error);
};

/** Asks the server how it is. What it says is for whoever looks after it. */
export const describeSearch = async (url: string): Promise<{ readonly answers: boolean; readonly says: string }> => {
  const client = clientAt(url);
  try {
    const { cluster_name: name, status } = await client.cluster.health();
    return { answers: true, says: `${name}, ${status}` };
  } catch (error) {
    return { answers: false, says: saidBy(error) };
  } finally {
    await client.close();
  }
};
