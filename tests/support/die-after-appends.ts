// Loaded before `railhead`: ends the process, as kill -9 does, when its embedded log has written so many calls, counted from
// the one that writes a given type of event. `DIE_AFTER_APPENDS=OrderChangeRequested:3`; 0: before that call is written.
import { SqliteEventStore } from '@railhead/infra/eventstore/sqlite/sqlite-event-store.ts';

const [type = '', number = ''] = (process.env.DIE_AFTER_APPENDS ?? '').split(':');
const last = Number(number);
const { append } = SqliteEventStore.prototype;
let counted: number | undefined;

const die = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
};

SqliteEventStore.prototype.append = async function (...args: Parameters<typeof append>) {
  const [appends] = args;
  if (counted === undefined && appends.some(({ events }) => events.some((event) => event.type === type))) counted = 0;
  if (counted === undefined) return append.apply(this, args);
  if (last === 0) return die();
  const results = await append.apply(this, args);
  counted += 1;
  return counted === last ? die() : results;
};
