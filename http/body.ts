// Bodies of requests: read once it is known who sends them, never more than the limit, and in one encoding.
import type { IncomingMessage } from 'node:http';
import { headerOf } from './header.ts';
import { Problem } from './problem.ts';

export const NO_BYTES = Buffer.alloc(0);

/** The bytes as they came. Throws `Problem` BODY_TOO_LARGE, MEDIA_TYPE_UNSUPPORTED or INVALID_REQUEST. */
export const readBody = (request: IncomingMessage, limitBytes: number): Promise<Buffer> => {
  const encoding = headerOf(request, 'content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity')
    throw new Problem('MEDIA_TYPE_UNSUPPORTED', 'send the body without a Content-Encoding');
  const announced = Number(headerOf(request, 'content-length') ?? 0);
  if (announced > limitBytes) throw tooLarge();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const settle = (): void => {
      request.off('data', take);
      request.off('end', end);
      request.off('error', abort);
      request.off('close', abort);
    };
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= limitBytes) {
        chunks.push(chunk);
        return;
      }
      settle();
      request.resume();
      reject(tooLarge());
    };
    const end = (): void => {
      settle();
      resolve(chunks.length === 1 ? (chunks[0] ?? NO_BYTES) : Buffer.concat(chunks));
    };
    const abort = (): void => {
      settle();
      reject(new Problem('INVALID_REQUEST', 'the request was aborted'));
    };
    request.on('data', take);
    request.once('end', end);
    request.once('error', abort);
    request.once('close', abort);
  });
};

/** Whatever is still sent is not read: the connection ends with the answer. */
const tooLarge = (): Problem =>
  new Problem('BODY_TOO_LARGE', 'the body exceeds the limit', {}, { Connection: 'close' });

const UTF_8 = ['utf-8', 'utf8', 'us-ascii'];

/** Undefined for no body. Throws `Problem` BODY_NOT_JSON or MEDIA_TYPE_UNSUPPORTED. */
export const parsedJson = (request: IncomingMessage, bytes: Buffer): unknown => {
  const text = bytes.toString('utf8');
  if (text === '') return undefined;
  const contentType = headerOf(request, 'content-type') ?? '';
  const [mediaType = ''] = contentType.split(';', 1);
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType)?.[1] ?? 'utf-8';
  if (mediaType.trim().toLowerCase() !== 'application/json' || !UTF_8.includes(charset.toLowerCase()))
    throw new Problem('MEDIA_TYPE_UNSUPPORTED', 'send JSON in UTF-8, as application/json');
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem('BODY_NOT_JSON', 'the body cannot be parsed as JSON');
  }
};
