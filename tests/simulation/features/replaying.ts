// An operator builds read models again in the middle of the day, beside those that are read: lets them stand still, compares
// them, moves over, goes back, and throws them away.
import { changeReplay, type ReplayedModel } from '@railhead/commands/replays/change-replay.ts';
import type { ReplayCommand } from '@railhead/domain/replay/decide.ts';
import type { ModelGenerations } from '@railhead/projections/engine/generations/model-generations.ts';
import { verifyGeneration } from '@railhead/projections/engine/generations/verify-generation.ts';
import { READ_MODELS } from '@railhead/projections/read-models.ts';
import type { Dice } from '../kernel/dice.ts';
import { newReadDisk, openReadSide } from '../ports/sim-sql.ts';
import type { Parts } from '../world/node.ts';
import { Violation } from '../world/violation.ts';
import type { World } from '../world/world.ts';
import type { Feature } from './feature.ts';

const MODELS = Object.keys(READ_MODELS);

export const replaying: Feature = {
  name: 'replaying',
  acts: [2, 8],
  likelihood: 0.4,
  async act(world, dice) {
    const model = dice.pick(MODELS);
    await tell(world, dice, model, { type: 'Start', eventsPerSecond: dice.pick([0, 0, 20]), part: {} });
    if (dice.chance(0.3)) {
      await tell(world, dice, model, { type: 'Pause' });
      await world.sleep(dice.next() * 5_000);
      await tell(world, dice, model, { type: 'Resume' });
    }
    await world.sleep(dice.next() * 60_000);
    if (dice.chance(0.3)) await verify(world, dice, model);
    if (!(await moved(world, dice, model, 'Swap'))) return;
    await world.sleep(dice.next() * 20_000);
    if (dice.chance(0.5) && (await moved(world, dice, model, 'RollBack'))) {
      await world.sleep(dice.next() * 5_000);
      if (dice.chance(0.5)) await moved(world, dice, model, 'Swap');
    }
    if (dice.chance(0.6)) await tell(world, dice, model, { type: 'Drop' });
  },
};

const tell = (world: World, dice: Dice, model: string, command: ReplayCommand) =>
  telling(world, dice, model, command.type, () => command);

/** Waits a while for the generation beside to be whole; false: it could not be read in place of the other. */
const moved = async (world: World, dice: Dice, model: string, type: 'Swap' | 'RollBack'): Promise<boolean> => {
  for (let patience = 5; patience > 0; patience -= 1) {
    const done = await telling(world, dice, model, type, ({ isWholeBeside: isWhole }) =>
      type === 'Swap' ? { type, isWhole, unverified: true } : { type, isWhole },
    );
    if (done?.ok === true) return true;
    if (done?.ok === false && done.refusal.code !== 'REPLAY_UNFINISHED') return false;
    await world.sleep(dice.next() * 10_000);
  }
  return false;
};

const telling = (
  world: World,
  dice: Dice,
  model: string,
  what: string,
  commandFor: (replayed: ReplayedModel) => ReplayCommand,
) => {
  const who = { model, operator: 'op', correlationId: dice.seed, idempotencyKey: `${dice.seed}/${dice.next()}` };
  return world.insist(dice, `${what} ${model}`, (parts) =>
    changeReplay({ ...parts, replayed: replayedIn(parts), unknown: (name) => name }, who, commandFor),
  );
};

const replayedIn =
  ({ models: { generations } }: Parts) =>
  (model: string): ReplayedModel | undefined => {
    const one = generations.named(model);
    if (one === undefined) return undefined;
    return {
      decided: one.decided,
      isWholeBeside: one.beside?.runner.unreadable === undefined && one.beside !== undefined,
      // Everybody hears of it from the log.
      follow: async () => {},
    };
  };

/** What was built is as the log has it. Whatever keeps it from being compared is no fault. */
const verify = async (world: World, dice: Dice, model: string): Promise<void> => {
  const { parts, name } = dice.pick(world.nodes);
  const one = parts?.models.generations.named(model);
  if (parts === undefined || one?.beside === undefined || one.beside.runner.state !== 'live') return;
  const report = await parts.life.serve(() => compared(world, parts, one)).catch(() => undefined);
  if (report === undefined || (report.unlikeLog ?? 0) === 0) return;
  throw new Violation('REPLAY_DIFFERS', `generation of ${model} on ${name}: ${JSON.stringify(report.differences[0])}`);
};

const compared = async (world: World, parts: Parts, { beside, read, model }: ModelGenerations<unknown>) => {
  if (beside === undefined) return undefined;
  const disk = await newReadDisk();
  const scratch = async () => {
    const first = Object.values(READ_MODELS).find(({ name }) => name === model);
    if (first === undefined) throw new Error(`there is no read model ${model}`);
    return { opened: first.open(openReadSide(disk)), close: async () => {} };
  };
  const deps = { log: world.log.direct, clock: parts.clock, giveWay: async () => {}, scratch };
  try {
    return await verifyGeneration(deps, beside, read, { signal: new AbortController().signal });
  } finally {
    disk.close();
  }
};
