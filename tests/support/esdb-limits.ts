/** Room for an event of 1 MiB and what stands beside it; a real server's MaxAppendSize must be raised the same way. */
export const MAX_APPEND_BYTES_FOR_TESTS = 1024 * 1024 + 4096;
