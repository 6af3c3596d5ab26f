// All kinds of servers that tests and `make services` know.
import { ELASTICSEARCH } from './elasticsearch.ts';
import { MARIADB } from './mariadb.ts';
import { OPENSEARCH } from './opensearch.ts';
import { POSTGRES } from './postgres.ts';
import { REDIS } from './redis.ts';
import type { ServerKind } from './server-kind.ts';

export const KINDS: readonly ServerKind[] = [POSTGRES, MARIADB, REDIS, ELASTICSEARCH, OPENSEARCH];
