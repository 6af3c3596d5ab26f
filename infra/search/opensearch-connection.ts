// How the client of Elasticsearch speaks with OpenSearch, which understands the same questions in plain JSON, and does not
// say that it is Elasticsearch, which the client wants to hear.
import {
  type ConnectionRequestOptions,
  type ConnectionRequestOptionsAsStream,
  type ConnectionRequestParams,
  type ConnectionRequestResponse,
  type ConnectionRequestResponseAsStream,
  UndiciConnection,
} from '@elastic/elasticsearch';

const PRODUCT = { 'x-elastic-product': 'Elasticsearch' };
const OF_VERSION = /application\/vnd\.elasticsearch\+(x-ndjson|json); ?compatible-with=\d+/g;

export class OpenSearchConnection extends UndiciConnection {
  override request(
    params: ConnectionRequestParams,
    options: ConnectionRequestOptions,
  ): Promise<ConnectionRequestResponse>;
  override request(
    params: ConnectionRequestParams,
    options: ConnectionRequestOptionsAsStream,
  ): Promise<ConnectionRequestResponseAsStream>;
  override async request(
    params: ConnectionRequestParams,
    options: ConnectionRequestOptions | ConnectionRequestOptionsAsStream,
  ): Promise<ConnectionRequestResponse | ConnectionRequestResponseAsStream> {
    // Safe cast: what this is called with is handed on as it is.
    const answer = await super.request(plain(params), options as ConnectionRequestOptions);
    return { ...answer, headers: { ...answer.headers, ...PRODUCT } };
  }
}

/** With the names of plain JSON in its headers. */
const plain = (params: ConnectionRequestParams): ConnectionRequestParams => {
  const headers = Object.entries(params.headers ?? {}).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.replaceAll(OF_VERSION, 'application/$1') : value,
  ]);
  return { ...params, headers: Object.fromEntries(headers) };
};
