// Addresses and networks as settings name them: `loopback`, `203.0.113.7`, `10.0.0.0/8`, `2001:db8::/32`.
import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

/** The names that stand for networks. */
const NAMED: Readonly<Record<string, readonly string[]>> = { loopback: ['127.0.0.0/8', '::1'] };

const wordsOf = (text: string): readonly string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
    .flatMap((word) => NAMED[word] ?? [word]);

const isNetwork = (word: string): boolean => {
  const [address = '', bits, ...more] = word.split('/');
  const version = isIP(address);
  if (version === 0 || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
};

export const networksText = z
  .string()
  .refine(
    (text) => wordsOf(text).every(isNetwork),
    'must be addresses and networks with commas between, such as 10.0.0.0/8, or loopback',
  );

/** Is an address in one of the networks? `text` has passed `networksText`. */
export const networksOf = (text: string): ((address: string) => boolean) => {
  const networks = new BlockList();
  for (const word of wordsOf(text)) {
    const [address = '', bits] = word.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) networks.addAddress(address, family);
    else networks.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const version = isIP(address);
    return version !== 0 && networks.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
};

/**
 * The address a request comes from: of the addresses that the proxies on the way wrote down, the last one that is no proxy
 * of ours. What the client wrote itself stands before it and is not looked at.
 */
export const addressOf = (
  peer: string,
  forwardedFor: string | undefined,
  isTrustedProxy: (address: string) => boolean,
): string => {
  let address = peer;
  const named = forwardedFor?.split(',').map((text) => text.trim()) ?? [];
  while (named.length > 0 && isTrustedProxy(address)) address = named.pop() ?? address;
  return address;
};
