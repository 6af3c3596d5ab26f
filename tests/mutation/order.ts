// Which test files a mutant is tried on, and in which order.
import type { Reached } from './reached.ts';

const sharedFolders = (a: string, b: string): number => {
  const [left, right] = [a.split('/').slice(0, -1), b.split('/').slice(0, -1)];
  const differs = left.findIndex((part, at) => part !== right[at]);
  return differs === -1 ? left.length : differs;
};

/** Those that reach it: the nearest to the mutated file first, and the quicker of two that are equally near. */
export const filesInOrder = (reached: readonly Reached[], mutant: string, mutatedFile: string): readonly string[] =>
  reached
    .filter(({ mutants }) => mutants.includes(mutant))
    .sort((a, b) => sharedFolders(b.file, mutatedFile) - sharedFolders(a.file, mutatedFile) || a.ms - b.ms)
    .map(({ file }) => file);
