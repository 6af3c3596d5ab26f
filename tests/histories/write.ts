// Writes a new stored history, from a simulated day of the present code: `node tests/histories/write.ts NAME SEED
// ACTS`. It never overwrites an old one, because the newest code has to read those.
import { existsSync, writeFileSync } from 'node:fs';
import { live } from '../simulation/live.ts';
import { planOf } from '../simulation/plan-of.ts';
import { World } from '../simulation/world/world.ts';
import { historyText, meaningOf } from './history.ts';

const [, , name = '', seed = '', acts = ''] = process.argv;
const path = (ending: string): URL => new URL(`./${name}.${ending}`, import.meta.url);
if (!/^\d{3}-[a-z-]+$/.test(name) || existsSync(path('jsonl'))) throw new Error('a new name: three digits and words');
const plan = planOf(Number(seed));
const size = Number(acts);
// Of every feature some, until there are enough.
const kept = plan.acts.filter(
  (act) => plan.acts.filter(({ feature }) => feature === act.feature).indexOf(act) < Math.ceil(size / 8),
);
// Events of newer versions are not this version's to keep.
const world = new World({ ...plan, acts: kept, faults: { ...plan.faults, strangeEvent: 0 } });
try {
  await live(world);
  writeFileSync(path('jsonl'), historyText(world.log.events));
  writeFileSync(path('json'), `${JSON.stringify(meaningOf(world.log.events), undefined, 2)}\n`);
  const types = new Map<string, number>();
  for (const { type } of world.log.events) types.set(type, (types.get(type) ?? 0) + 1);
  process.stdout.write(
    `${world.log.events.length} events: ${[...types].map(([type, n]) => `${type} ${n}`).join(', ')}\n`,
  );
} finally {
  world.close();
}
