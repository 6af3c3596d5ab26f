// Bodies of requests: read once it is known who sends them, never more than the limit, and in one encoding.
import type { Request } from 'express';
import { Problem } from './problem.ts';

/** The bytes as they came. Throws `Problem` BODY_TOO_LARGE, MEDIA_TYPE_UNSUPPORTED or INVALID_REQUEST. */
export const readBody = (request: Request, limitBytes: number): Promise<Buffer> => {
  const encoding = request.get('content-encoding') ?? 'identity';
  if (encoding.toLowerCase() !== 'identity')
    throw new Problem('MEDIA_TYPE_UNSUPPORTED', 'send the body without a Content-Encoding');
  const announced = Number(request.get('content-length') ?? 0);
  if (announced > limitBytes) throw tooLarge();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes <= limitBytes) {
        chunks.push(chunk);
        return;
      }
      request.off('data', take);
      request.resume();
      reject(tooLarge());
    };
    request.on('data', take);
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', () => reject(new Problem('INVALID_REQUEST', 'the request was aborted')));
    request.once('close', () => reject(new Problem('INVALID_REQUEST', 'the request was aborted')));
  });
};

/** Whatever is still sent is not read: the connection ends with the answer. */
const tooLarge = (): Problem =>
  new Problem('BODY_TOO_LARGE', 'the body exceeds the limit', {}, { Connection: 'close' });

const UTF_8 = ['utf-8', 'utf8', 'us-ascii'];

/** Undefined for no body. Throws `Problem`, also BODY_NOT_JSON. */
export const readJson = async (request: Request, limitBytes: number): Promise<unknown> => {
  const text = (await readBody(request, limitBytes)).toString('utf8');
  if (text === '') return undefined;
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(request.get('content-type') ?? '')?.[1] ?? 'utf-8';
  if (!request.is('application/json') || !UTF_8.includes(charset.toLowerCase()))
    throw new Problem('MEDIA_TYPE_UNSUPPORTED', 'send JSON in UTF-8, as application/json');
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem('BODY_NOT_JSON', 'the body cannot be parsed as JSON');
  }
};
