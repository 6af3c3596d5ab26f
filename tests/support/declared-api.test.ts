import { expect, test } from '@jest/globals';
import { declaredApi } from './declared-api.ts';
import type { Answer } from './shopper.ts';

const schema = { $ref: '#/components/schemas/Seat' };
const api = declaredApi({
  openapi: '3.1.0',
  components: {
    schemas: {
      Seat: {
        type: 'object',
        properties: { seat: { type: 'string', enum: ['01A', '01C'] }, fareFen: { type: 'integer' } },
        required: ['seat'],
        additionalProperties: false,
      },
    },
  },
  paths: {
    '/seats/{seat}': {
      get: {
        operationId: 'showSeat',
        responses: { 200: { description: 'The seat.', content: { 'application/json': { schema } } } },
      },
    },
  },
});
const answer = (body: unknown, status = 200, type = 'application/json; charset=utf-8'): Answer => ({
  status,
  headers: new Headers({ 'Content-Type': type }),
  body,
});

test('an answer as it is declared fits, and so does what no operation declares, or what is not JSON', () => {
  api.assertFits('GET', '/seats/1?x=2', answer({ seat: '01A', fareFen: 1 }));
  api.assertFits('GET', '/seats/1', answer({ seat: '01C' }));
  api.assertFits('GET', '/other', answer({ any: 'thing' }));
  api.assertFits('GET', '/seats/1', answer('text', 200, 'text/html'));
});

test.each([
  ['without what is required', answer({ fareFen: 1 })],
  ['with more than is declared', answer({ seat: '01A', coach: '01' })],
  ['with a value that is none of those declared', answer({ seat: '01B' })],
  ['of another type', answer([])],
  ['with a status that is not declared', answer({ seat: '01A' }, 201)],
  ['of a media type that is not declared', answer({ seat: '01A' }, 200, 'application/problem+json')],
])('an answer %s does not fit', (_, wrong) => {
  expect(() => api.assertFits('GET', '/seats/1', wrong)).toThrow('GET /seats/1 (showSeat)');
});
