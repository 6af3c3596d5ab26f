// `railhead read-models`: how far the read models of the serving process are, what they leave out, and what is decided
// about an event that one of them cannot take.
import type { Command } from 'commander';
import { z } from 'zod';
import { asking, askingPart, type AskingOptions as Options } from '../ask-server.ts';
import { EXIT } from '../exit-codes.ts';
import { print, printJson } from '../output.ts';

export const readModelsCommand = (command: Command): Command => {
  const part = (name: string, about: string): Command => askingPart(command, name, about, 'print as JSON');
  part('list', 'each model with its place and what it leaves out; exit code 1 if one does not go on').action(list);
  part('skip', 'let a model go on as if an event were not there')
    .argument('<model>')
    .argument('<position>', 'of the event in the log')
    .requiredOption('--reason <text>', 'stands in the log')
    .action((model: string, position: string, options: Options & { readonly reason: string }) =>
      decide(options, model, position, 'skip', { reason: options.reason }),
    );
  part('retry', 'let a model try an event again, and what follows in its stream')
    .argument('<model>')
    .argument('<position>', 'of the event in the log')
    .action((model: string, position: string, options: Options) => decide(options, model, position, 'retry'));
  return command;
};

const listed = z.object({
  readModels: z.array(
    z.looseObject({
      model: z.string(),
      state: z.string(),
      position: z.number(),
      lagEvents: z.number().optional(),
      failure: z.string().optional(),
      refused: z.looseObject({ position: z.number(), stream: z.string(), eventType: z.string() }).optional(),
      setAside: z.array(z.looseObject({ stream: z.string(), why: z.string() })),
      skipped: z.array(z.looseObject({ position: z.number(), stream: z.string(), reason: z.string(), by: z.string() })),
    }),
  ),
});

const list = async (options: Options): Promise<void> => {
  const { readModels } = listed.parse(await asked(options, 'GET', ''));
  if (options.json === true) printJson({ readModels });
  else
    for (const { model, state, position, lagEvents, failure, refused, setAside, skipped } of readModels) {
      const lag = lagEvents === undefined || lagEvents === 0 ? '' : `, ${lagEvents} behind`;
      print(`${model.padEnd(16)} ${state.padEnd(10)} ${position}${lag}${failure === undefined ? '' : `: ${failure}`}`);
      if (refused !== undefined)
        print(`  refuses ${refused.eventType} of ${refused.stream} at position ${refused.position}`);
      for (const { stream, why } of setAside) print(`  set aside ${stream}: ${why}`);
      for (const one of skipped) print(`  skipped ${one.position} of ${one.stream} by ${one.by}: ${one.reason}`);
    }
  if (readModels.some(({ state }) => state === 'failed')) process.exitCode = EXIT.finding;
};

const decide = async (
  options: Options,
  model: string,
  position: string,
  decision: 'skip' | 'retry',
  body?: object,
): Promise<void> => {
  const path = `/${encodeURIComponent(model)}/events/${encodeURIComponent(position)}/${decision}`;
  const event = z
    .looseObject({ stream: z.string(), eventType: z.string() })
    .parse(await asked(options, 'POST', path, body));
  if (options.json === true) printJson(event);
  else print(`${decision === 'skip' ? 'skipped' : 'tried again'}: ${event.eventType} of ${event.stream}`);
};

/** Throws `RefusedByServer` where the process does not answer with success. */
const asked = async (options: Options, method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> => {
  const ask = await asking(options);
  return (await ask(method, `/v1/admin/read-models${path}`, body)).answer;
};
