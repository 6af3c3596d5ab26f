// deploy/compose.yaml: each server has a pinned image, can be reached from this machine alone, and says when it is ready.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { ELASTICSEARCH_VERSION } from '../services/elasticsearch.ts';

const text = readFileSync(fileURLToPath(new URL('../../deploy/compose.yaml', import.meta.url)), 'utf8');
const [, services = '', volumes = ''] = text.split(/^(?:services|volumes):\n/m);
const each = services.split(/^(?= {2}\w+:\n)/m).filter((part) => /^ {2}\w+:\n/.test(part));
const named = each.map((service) => [/^ {2}(\w+):/.exec(service)?.[1] ?? '', service] as const);

test('all servers are found', () => {
  expect(named.map(([name]) => name)).toEqual(['eventstoredb', 'postgres', 'mysql', 'redis', 'elasticsearch']);
});

test.each(named)('%s is pinned, healthy when it answers, and for this machine only', (_, service) => {
  expect(service).toMatch(/^ {4}image: \S+:\d[\d.]*$/m);
  expect(service).toMatch(/^ {4}healthcheck:\n(?: {6}#.*\n)? {6}test: \[/m);
  const ports = [...service.matchAll(/^ {6}- (\S+:\d+)$/gm)].map(([, port]) => port);
  expect(ports).toHaveLength(1);
  expect(ports[0]).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
});

test('what a server keeps is in a volume that is declared', () => {
  const used = [...services.matchAll(/^ {6}- (\w+):\//gm)].map(([, name]) => name);
  expect(volumes.match(/\w+/g)).toEqual(used);
});

test('Elasticsearch has the version that tests run on', () => {
  expect(services).toContain(`elasticsearch:${ELASTICSEARCH_VERSION}\n`);
});

test('without a name it is EventStoreDB alone that is started', () => {
  expect(named.filter(([, service]) => !/^ {4}profiles:/m.test(service)).map(([name]) => name)).toEqual([
    'eventstoredb',
  ]);
});
