import { expect, test } from '@jest/globals';
import type { ServiceIdentifier } from 'inversify';
import { Lifetime } from './lifetime.ts';
import { containerOf, makeRoots, type PartModule } from './module.ts';

const id = (name: string): ServiceIdentifier<string> => Symbol(name);
const [log, models, sale, unused] = [id('log'), id('models'), id('sale'), id('unused')];

const modules = (happened: string[]): readonly PartModule[] => {
  const life = {
    start: (part: string) => happened.push(`start ${part}`),
    stop: (part: string) => happened.push(`stop ${part}`),
    close: (part: string) => happened.push(`close ${part}`),
  };
  const made = (part: string): string => {
    happened.push(`make ${part}`);
    return part;
  };
  return [
    {
      declare: (provide) =>
        provide(sale, { models, log }, ({ log, models }) => made(`sale of ${models} and ${log}`), life),
      roots: [sale],
    },
    { declare: (provide) => provide(models, { log }, ({ log }) => made(`models of ${log}`), { close: life.close }) },
    { declare: (provide) => provide(log, {}, async () => made('log'), life), roots: [log] },
    { declare: (provide) => provide(unused, {}, () => made('unused'), life) },
  ];
};

test('parts are made after what they need, once, and only if a root needs them; they start and end by that order', async () => {
  const happened: string[] = [];
  const lifetime = new Lifetime();
  const container = containerOf(modules(happened), lifetime);
  expect(happened).toEqual([]);
  await makeRoots(container, modules(happened));
  const [first, second, third] = ['log', 'models of log', 'sale of models of log and log'];
  expect(happened.splice(0)).toEqual([`make ${first}`, `make ${second}`, `make ${third}`]);
  expect(container.get(sale)).toBe(third);
  await lifetime.start();
  expect(happened.splice(0)).toEqual([`start ${first}`, `start ${third}`]);
  await lifetime.stop();
  expect(happened).toEqual([`stop ${third}`, `close ${third}`, `close ${second}`, `stop ${first}`, `close ${first}`]);
});

test('a child container has its own parts, and may use those of its parent', async () => {
  const happened: string[] = [];
  const [logModule, modelsModule] = [modules(happened)[2], modules(happened)[1]];
  if (logModule === undefined || modelsModule === undefined) throw new Error('two modules');
  const parent = containerOf([logModule], new Lifetime());
  await makeRoots(parent, [logModule]);
  for (const _ of [1, 2]) containerOf([modelsModule], new Lifetime(), parent).get(models);
  expect(happened).toEqual(['make log', 'make models of log', 'make models of log']);
});
