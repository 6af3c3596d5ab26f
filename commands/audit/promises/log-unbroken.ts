// The log itself is whole: positions grow, no stream has a gap, and no stream has an event twice.
import type { PromiseOf } from '../promise.ts';
import { Violations } from '../violation.ts';

type Followed = { revision: number; readonly ids: Set<string> };

export const logUnbroken: PromiseOf = () => {
  const violations = new Violations();
  const streams = new Map<string, Followed>();
  let last = 0;
  return {
    categories: 'all',
    observe({ stream, revision, position, id }) {
      if (position <= last) violations.add('LOG_ORDER', `position ${position} after ${last}`);
      last = position;
      const followed = streams.get(stream) ?? { revision: -1, ids: new Set() };
      streams.set(stream, followed);
      const expected = followed.revision + 1;
      if (revision !== expected)
        violations.add('STREAM_GAP', `${stream} has revision ${revision} where ${expected} should be`);
      followed.revision = revision;
      if (followed.ids.has(id)) violations.add('EVENT_TWICE', `${stream} has event ${id} twice, again at ${revision}`);
      followed.ids.add(id);
    },
    findings: () => violations.list,
  };
};
