// Ends what `make services` has started, and removes what it has stored: `make services-down`.
import { endRecorded } from './record.ts';

for await (const { url, ran } of endRecorded())
  process.stdout.write(`${ran ? 'ended' : 'had ended already'}: ${url}\n`);
