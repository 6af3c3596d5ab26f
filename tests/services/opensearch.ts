// OpenSearch: its core modules, run by a class of a few lines. It needs a Java from 21 on, and refuses root.
import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DOWNLOADS, javaFrom } from './downloads.ts';
import { type Identity, type Installed, identityInPlaceOfRoot, type Place, type ServerKind } from './server-kind.ts';

export const OPENSEARCH_VERSION = '3.8.0';
export const OPENSEARCH_HOME = join(DOWNLOADS, `opensearch-${OPENSEARCH_VERSION}`);
const OLDEST_JAVA = 21;

export const OPENSEARCH: ServerKind = {
  name: 'OpenSearch',
  setting: 'RAILHEAD_READ_SEARCH',
  variable: 'RAILHEAD_TEST_OPENSEARCH',
  hasReplicas: false,
  find: () => {
    if (!existsSync(OPENSEARCH_HOME))
      return { missing: 'no OpenSearch here (node tests/services/fetch-opensearch.ts)' };
    const java = javaFrom(OLDEST_JAVA);
    if (java === undefined) return { missing: `no Java ${OLDEST_JAVA} or newer for OpenSearch here` };
    const identity = identityInPlaceOfRoot('nobody');
    if (identity === undefined) return { missing: 'OpenSearch refuses root, and there is no user nobody' };
    return installed(java, identity);
  },
  url: ({ port }) => `opensearch+http://127.0.0.1:${port}`,
  ownPart: async (url, name) => {
    const prefix = `${name}-`;
    return { url, prefix, drop: () => removeAll(url.replace('opensearch+', ''), `${prefix}*`) };
  },
};

/** One by one: a server may refuse to delete by a pattern. */
const removeAll = async (url: string, pattern: string): Promise<void> => {
  // Safe cast: the documented answer, an object by the names of indices.
  const found = (await (await fetch(`${url}/${pattern}`)).json()) as Readonly<Record<string, unknown>>;
  for (const index of Object.keys(found)) await fetch(`${url}/${index}`, { method: 'DELETE' });
};

/** A name that no other server answers with. */
const clusterOf = ({ folder }: Place): string => basename(folder);

const program = (place: Place): string => `
import org.codelibs.opensearch.runner.OpenSearchRunner;

public class SearchServer {
  public static void main(String[] args) throws Exception {
    OpenSearchRunner runner = new OpenSearchRunner();
    runner.onBuild((number, settings) -> {
      settings.put("http.port", "${place.port}");
      settings.put("transport.port", "${place.innerPort}");
      settings.put("network.host", "127.0.0.1");
      settings.put("discovery.type", "single-node");
      settings.put("cluster.routing.allocation.disk.threshold_enabled", "false");
    }).build(OpenSearchRunner.newConfigs().basePath("${join(place.folder, 'node')}").numOfNode(1)
        .clusterName("${clusterOf(place)}").disableESLogger());
    Thread.currentThread().join();
  }
}
`;

const installed = (java: string, identity: Identity): Installed => ({
  version: OPENSEARCH_VERSION,
  identity,
  stopSignal: 'SIGTERM',
  prepare: async (place) => {
    const file = join(place.folder, 'SearchServer.java');
    mkdirSync(join(place.folder, 'tmp'));
    writeFileSync(file, program(place));
    const { uid, gid } = identity;
    if (uid !== undefined && gid !== undefined)
      for (const path of [file, join(place.folder, 'tmp')]) chownSync(path, uid, gid);
  },
  command: ({ folder }) => ({
    file: join(java, 'bin', 'java'),
    args: [
      '-Xms512m',
      '-Xmx512m',
      '-XX:TieredStopAtLevel=1',
      '--enable-native-access=ALL-UNNAMED',
      `-Djava.io.tmpdir=${join(folder, 'tmp')}`,
      '-cp',
      `${OPENSEARCH_HOME}/*`,
      join(folder, 'SearchServer.java'),
    ],
  }),
  ask: async (place) => {
    const answer = await fetch(`http://127.0.0.1:${place.port}/_cluster/health?wait_for_status=yellow&timeout=1s`);
    // Safe cast: the documented answer.
    const health = (await answer.json()) as { readonly cluster_name?: string };
    if (!answer.ok || health.cluster_name !== clusterOf(place)) throw new Error(JSON.stringify(health));
  },
});
