// Elasticsearch: the vendor's own build for tests, with the core modules only, kept in a folder for downloads. It needs a
// Java from 17 on, and refuses root.
import { chownSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Client } from '@elastic/elasticsearch';
import { DOWNLOADS, javaFrom } from './downloads.ts';
import { type Identity, type Installed, identityInPlaceOfRoot, type Place, type ServerKind } from './server-kind.ts';

export const ELASTICSEARCH_VERSION = '8.19.21';
const OLDEST_JAVA = 17;

export const ELASTICSEARCH_HOME = join(DOWNLOADS, `elasticsearch-${ELASTICSEARCH_VERSION}`);

export const ELASTICSEARCH: ServerKind = {
  name: 'Elasticsearch',
  setting: 'RAILHEAD_READ_SEARCH',
  variable: 'RAILHEAD_TEST_ELASTICSEARCH',
  hasReplicas: false,
  find: () => {
    if (!existsSync(ELASTICSEARCH_HOME))
      return { missing: 'no Elasticsearch here (node tests/services/fetch-elasticsearch.ts)' };
    const java = javaFrom(OLDEST_JAVA);
    if (java === undefined)
      return {
        missing: `no Java ${OLDEST_JAVA} or newer for Elasticsearch here (apt-get install default-jre-headless)`,
      };
    const identity = identityInPlaceOfRoot('nobody');
    if (identity === undefined) return { missing: 'Elasticsearch refuses root, and there is no user nobody' };
    return installed(java, identity);
  },
  url: ({ port }) => `http://127.0.0.1:${port}`,
  ownPart: async (url, name) => {
    const prefix = `${name}-`;
    return { url, prefix, drop: () => removeAll(url, `${prefix}*`) };
  },
};

/** One by one: a server may refuse to delete by a pattern. */
const removeAll = async (url: string, pattern: string): Promise<void> => {
  const client = new Client({ node: url });
  try {
    const names = Object.keys(await client.indices.get({ index: pattern, expand_wildcards: 'all' }));
    for (const index of names) await client.indices.delete({ index });
  } finally {
    await client.close();
  }
};

/** A name that no other server answers with. */
const clusterOf = ({ folder }: Place): string => basename(folder);

const configuration = (place: Place): string => `
cluster.name: ${clusterOf(place)}
path.data: ${join(place.folder, 'data')}
path.logs: ${join(place.folder, 'logs')}
network.host: 127.0.0.1
http.port: ${place.port}
transport.port: ${place.innerPort}
discovery.type: single-node
xpack.security.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
`;

const installed = (java: string, identity: Identity): Installed => ({
  version: ELASTICSEARCH_VERSION,
  identity,
  stopSignal: 'SIGTERM',
  prepare: async (place) => {
    const config = join(place.folder, 'config');
    for (const name of ['data', 'logs', 'tmp']) mkdirSync(join(place.folder, name));
    cpSync(join(ELASTICSEARCH_HOME, 'config'), config, { recursive: true });
    writeFileSync(join(config, 'elasticsearch.yml'), configuration(place));
    if (identity.uid === undefined || identity.gid === undefined) return;
    for (const path of readdirSync(place.folder, { recursive: true, encoding: 'utf8' }))
      chownSync(join(place.folder, path), identity.uid, identity.gid);
  },
  command: ({ folder }) => ({
    file: '/bin/bash',
    args: [join(ELASTICSEARCH_HOME, 'bin', 'elasticsearch')],
    env: {
      ES_JAVA_HOME: java,
      ES_PATH_CONF: join(folder, 'config'),
      ES_TMPDIR: join(folder, 'tmp'),
      // With one compiler it starts in two thirds of the time; the other is for long runs.
      ES_JAVA_OPTS: '-Xms512m -Xmx512m -XX:TieredStopAtLevel=1',
    },
  }),
  ask: async (place) => {
    const answer = await fetch(`http://127.0.0.1:${place.port}/_cluster/health?wait_for_status=yellow&timeout=1s`);
    // Safe cast: the documented answer.
    const health = (await answer.json()) as { readonly cluster_name?: string };
    if (!answer.ok || health.cluster_name !== clusterOf(place)) throw new Error(JSON.stringify(health));
  },
});
