// Plugins for StrykerJS: one takes a sample if there are too many mutants, one leaves sentences unchanged.
import { type Checker, type CheckResult, CheckStatus } from '@stryker-mutator/api/check';
import type { Mutant } from '@stryker-mutator/api/core';
import type { Ignorer, NodePath } from '@stryker-mutator/api/ignore';
import { declareClassPlugin, declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';
import { chosen, sampleFromEnvironment } from './sample.ts';

/** A mutant that is not in the sample counts neither as noticed nor as survived. */
class SampleChecker implements Checker {
  readonly #sample = sampleFromEnvironment();
  #chosen = new Set<string>();

  async init(): Promise<void> {}

  /** Stryker hands over all mutants at once, before it checks any of them. */
  async group(mutants: Mutant[]): Promise<string[][]> {
    this.#chosen = new Set(chosen(mutants, this.#sample).map(({ id }) => id));
    return [mutants.map(({ id }) => id)];
  }

  async check(mutants: Mutant[]): Promise<Record<string, CheckResult>> {
    const left = { status: CheckStatus.CompileError, reason: 'not in the sample' } as const;
    const taken = { status: CheckStatus.Passed } as const;
    return Object.fromEntries(mutants.map(({ id }) => [id, this.#chosen.has(id) ? taken : left]));
  }
}

/** What of a node of Babel's syntax tree is looked at here. */
type TextNode = {
  readonly type: string;
  readonly value?: unknown;
  readonly quasis?: readonly { readonly value: { readonly raw: string } }[];
};

/** Sentences are for people. Tests check codes, so that a sentence can be improved without changing them. */
const sentences: Ignorer = {
  shouldIgnore(path: NodePath): string | undefined {
    const { node } = path as { readonly node: TextNode }; // Babel's, as Stryker's manual has it
    const text =
      node.type === 'StringLiteral'
        ? String(node.value)
        : node.type === 'TemplateLiteral'
          ? (node.quasis ?? []).map(({ value }) => value.raw).join('')
          : '';
    return /\S \S|^ | $/.test(text) ? 'a sentence' : undefined;
  },
};

export const strykerPlugins = [
  declareClassPlugin(PluginKind.Checker, 'sample', SampleChecker),
  declareValuePlugin(PluginKind.Ignore, 'sentences', sentences),
];
