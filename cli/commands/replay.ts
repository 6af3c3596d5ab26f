// `railhead replay`: what the log makes of its events. Each part is in a file of its own.
import type { Command } from 'commander';
import { addDiff } from './replay/diff.ts';
import { addModels } from './replay/models.ts';
import { addShow } from './replay/show.ts';
import { addSimulate } from './replay/simulate.ts';

export const replayCommand = (command: Command): Command => {
  for (const add of [addModels, addShow, addDiff, addSimulate]) add(command);
  return command;
};
