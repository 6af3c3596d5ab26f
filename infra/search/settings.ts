import { z } from 'zod';
import { type Settings, setting } from '../config/setting.ts';
import { isSearchAddress } from './search-server.ts';

export const searchSettings = {
  readSearch: setting(
    z
      .string()
      .refine(
        (text) => text === '' || isSearchAddress(text),
        'must begin with http:// or https://, or opensearch+ before them, and name a server, without a path',
      ),
    '',
    'RAILHEAD_READ_SEARCH',
    'Elasticsearch for the search of orders and stations, such as http://127.0.0.1:9200, or OpenSearch, opensearch+http://…; else they are searched in the data folder and in memory',
    'given',
  ),
  readSearchPrefix: setting(
    z.string().regex(/^[a-z][a-z0-9_-]{0,60}$/, 'must be small letters, digits, - and _, and begin with a letter'),
    'railhead-',
    'RAILHEAD_READ_SEARCH_PREFIX',
    'how the names of the indices begin that belong to this railway',
  ),
} as const satisfies Settings;
