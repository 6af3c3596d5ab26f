// Logs of simulated days that earlier code wrote, as this code reads them: long, with orders of every kind of life.
import { readdirSync, readFileSync } from 'node:fs';
import type { RecordedEvent } from '@railhead/commands/ports/event-store.ts';
import { UPCASTERS } from '@railhead/infra/composition/upcasters.ts';
import { liftWith } from '@railhead/infra/eventstore/upcasting-store.ts';
import { parseHistory } from '../histories/history.ts';

const here = (name: string): URL => new URL(`../histories/${name}`, import.meta.url);

export const HISTORIES: readonly string[] = readdirSync(here('.'))
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => name.replace('.jsonl', ''));

export const eventsOfHistory = (name: string): readonly RecordedEvent[] =>
  parseHistory(readFileSync(here(`${name}.jsonl`), 'utf8')).map(liftWith(UPCASTERS));
