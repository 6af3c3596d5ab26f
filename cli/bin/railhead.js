#!/usr/bin/env node
// Runs the command line on the pinned Node, whatever Node the host has.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, '..', 'main.ts');
const main = existsSync(source) ? source : join(here, 'main.js');
const [major = 0] = process.versions.node.split('.').map(Number);

if (major >= 24) {
  await import(main);
} else {
  const pinned = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node');
  // The channel ends with this process, however that ends: the child then stops as by SIGTERM.
  const child = spawn(pinned, [main, ...process.argv.slice(2)], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  // On a terminal Ctrl-C reaches the child by itself, and twice would mean at once; a signal to this process alone is passed on.
  const byTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGTERM'));
  process.on('SIGINT', () => byTerminal || child.kill('SIGINT'));
  child.on('error', (error) => {
    process.stderr.write(`railhead: ${pinned} cannot be started: ${error.message}\n`);
    process.exit(70);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    // Ends as the child did, so that whoever waits sees the same.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
