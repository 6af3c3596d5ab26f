import type { Allocators } from '@railhead/commands/allocation/operation.ts';

/** For what must not ask any. */
export const NO_ALLOCATORS: Allocators = {
  submit: () => Promise.reject(new Error('no allocator is to be asked here')),
  extend: () => Promise.reject(new Error('no allocator is to be asked here')),
};
