import { Redis } from 'ioredis';
import { redisAddress } from './address.ts';
import { PATIENCE, saidBy } from './redis-states.ts';

export type RedisDescription = {
  readonly answers: boolean;
  /** For whoever looks after it. */
  readonly says: string;
  /** Does it drop keys for want of room? The models that are dropped are built again each time. */
  readonly dropsKeys: boolean;
};

/** Asks the server which it is. */
export const describeRedis = async (url: string): Promise<RedisDescription> => {
  const { prefix, ...address } = redisAddress(url);
  const client = new Redis({ ...address, ...PATIENCE, retryStrategy: () => null, lazyConnect: true });
  let said: string | undefined;
  client.on('error', (error: Error) => {
    said ??= saidBy(error);
  });
  try {
    await client.connect();
    const info = await client.info();
    const field = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
    const dropsKeys = Number(field('maxmemory') ?? 0) > 0 && field('maxmemory_policy')?.startsWith('allkeys') === true;
    const role = field('role') === 'slave' ? ', a replica' : '';
    const says = `Redis ${field('redis_version') ?? 'of an unknown version'}${role}, keys begin with ${prefix}`;
    return { answers: true, says, dropsKeys };
  } catch (error) {
    return { answers: false, says: said ?? saidBy(error), dropsKeys: false };
  } finally {
    if (client.status !== 'end') client.disconnect();
  }
};
