import { z } from 'zod';
import { type Settings, setting } from '../config/setting.ts';

export const timetableSettings = {
  timetable: setting(
    z.string(),
    '',
    'RAILHEAD_TIMETABLE',
    'timetable imported at start: a .jsonl[.gz] file, a GTFS folder or .zip; empty for the sample',
  ),
} as const satisfies Settings;
