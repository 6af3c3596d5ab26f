// The keys of the form channel between Railhead and the sandbox in the same process. They are made when they are first
// needed and live as long as the process: whatever is sent is signed at the moment of sending.
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { FormKeys } from './form-dialect.ts';

const BITS = 2_048;
const newPair = () => promisify(generateKeyPair)('rsa', { modulusLength: BITS });

export type BothSides = { readonly merchant: () => Promise<FormKeys>; readonly gateway: () => Promise<FormKeys> };

export const keysOfBothSides = (): BothSides => {
  let made: Promise<readonly [merchant: FormKeys, gateway: FormKeys]> | undefined;
  const pairs = async (): Promise<readonly [FormKeys, FormKeys]> => {
    const [merchant, gateway] = await Promise.all([newPair(), newPair()]);
    return [
      { own: merchant.privateKey, theirs: gateway.publicKey },
      { own: gateway.privateKey, theirs: merchant.publicKey },
    ];
  };
  const both = () => {
    made ??= pairs();
    return made;
  };
  return { merchant: async () => (await both())[0], gateway: async () => (await both())[1] };
};
