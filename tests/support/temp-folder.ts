// Folders that live as long as a test file.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

/** A fresh folder, removed when the test file ends. */
export const tempFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'railhead-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
