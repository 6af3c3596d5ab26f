import { expect, test } from '@jest/globals';
import { type Life, Lifetime } from './lifetime.ts';

const NAMES = ['log', 'sale', 'http'];
type Fails = Partial<Record<'start' | 'stop' | 'close', string>>;

/** Three parts that record what is called on them; `fails` names the part on which a call fails. */
const living = (fails: Fails = {}) => {
  const lifetime = new Lifetime();
  const happened: string[] = [];
  const note = (name: string, what: 'start' | 'stop' | 'close') => async (): Promise<void> => {
    await Promise.resolve();
    happened.push(`${what} ${name}`);
    if (fails[what] === name) throw new Error(`${what} of ${name}`);
  };
  const lifeOf = (name: string): Life => ({
    start: note(name, 'start'),
    stop: note(name, 'stop'),
    close: note(name, 'close'),
  });
  for (const name of NAMES) lifetime.add(lifeOf(name));
  return { lifetime, happened };
};

const STARTED = ['start log', 'start sale', 'start http'];
const ENDED = ['stop http', 'close http', 'stop sale', 'close sale', 'stop log', 'close log'];

test('parts start in the order they were made, and each is stopped and closed in the reverse order, once', async () => {
  const { lifetime, happened } = living();
  await lifetime.start();
  expect(happened).toEqual(STARTED);
  expect(lifetime.isStopping).toBe(false);
  const stops = [lifetime.stop(), lifetime.stop()];
  expect(lifetime.isStopping).toBe(true);
  await Promise.all(stops);
  await lifetime.stop();
  expect(happened).toEqual([...STARTED, ...ENDED]);
});

test('a part that never started is closed and not stopped', async () => {
  const { lifetime, happened } = living();
  await lifetime.stop();
  expect(happened).toEqual(['close http', 'close sale', 'close log']);
});

test.each(NAMES)('a start that fails at %s goes no further, and ends what had begun', async (name) => {
  const { lifetime, happened } = living({ start: name });
  await expect(lifetime.start()).rejects.toThrow(`start of ${name}`);
  const begun = NAMES.indexOf(name) + 1;
  expect(happened).toEqual(STARTED.slice(0, begun));
  happened.length = 0;
  await lifetime.stop();
  const neverBegun = NAMES.slice(begun).map((other) => `stop ${other}`);
  expect(happened).toEqual(ENDED.filter((step) => !neverBegun.includes(step)));
});

test.each(['stop', 'close'] as const)(
  'a %s that fails does not keep other parts from ending, and is thrown afterwards',
  async (what) => {
    for (const name of NAMES) {
      const { lifetime, happened } = living({ [what]: name });
      await lifetime.start();
      await expect(lifetime.stop()).rejects.toThrow(`${what} of ${name}`);
      expect(happened).toEqual([...STARTED, ...ENDED]);
    }
    const { lifetime } = living({ stop: 'http', close: 'log' });
    await lifetime.start();
    const messages = ['stop of http', 'close of log'].map((message) => expect.objectContaining({ message }));
    await expect(lifetime.stop()).rejects.toMatchObject({ errors: messages });
  },
);

test('a stop during the start lets no further part begin', async () => {
  const lifetime = new Lifetime();
  const happened: string[] = [];
  let stopped: Promise<void> | undefined;
  const startAndStop = (): void => {
    stopped = lifetime.stop();
  };
  lifetime.add({ start: startAndStop, stop: () => happened.push('first stops') });
  lifetime.add({ start: () => happened.push('second starts'), stop: () => happened.push('second stops') });
  await lifetime.start();
  await stopped;
  expect(happened).toEqual(['first stops']);
});

test('a part made after the start is refused', async () => {
  const { lifetime } = living();
  await lifetime.start();
  expect(() => lifetime.add({})).toThrow();
  const other = living().lifetime;
  await other.stop();
  expect(() => other.add({})).toThrow();
});
