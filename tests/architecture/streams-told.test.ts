// Who opens the log finds every kind of stream in the README, in both languages.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');

const isCategory = (value: unknown): value is { readonly name: string } =>
  typeof value === 'object' && value !== null && 'strangeness' in value && 'name' in value;

const categoryNames = async (): Promise<readonly string[]> => {
  const files = readdirSync(join(ROOT, 'domain'), { recursive: true, encoding: 'utf8' });
  const names: string[] = [];
  for (const file of files.filter((name) => name.endsWith('stream.ts'))) {
    const exported: Record<string, unknown> = await import(join(ROOT, 'domain', file));
    for (const value of Object.values(exported)) if (isCategory(value)) names.push(value.name);
  }
  return names;
};

test.each(['README.md', 'README.zh-CN.md'])('%s names the streams of every category', async (readme) => {
  const text = readFileSync(join(ROOT, readme), 'utf8');
  const names = await categoryNames();
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name) => !text.includes(`\`${name}-`))).toEqual([]);
});
