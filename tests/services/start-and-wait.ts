// Starts a server of the kind that is named, prints where it lives, and waits: to be killed, with the server.
import { KINDS } from './kinds.ts';
import { RunningServer } from './running-server.ts';

const kind = KINDS.find(({ name }) => name === process.argv[2]);
if (kind === undefined) throw new Error(`no such kind of server: ${process.argv[2]}`);
const { place } = await RunningServer.start(kind);
process.stdout.write(`${JSON.stringify(place)}\n`);
setInterval(() => {}, 60_000);
