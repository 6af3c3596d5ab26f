import base from './jest.config.js';

/** For `make mutation`: what the tests beside the domain find, and nothing that only notices. */
export default { ...base, testMatch: ['**/domain/**/*.test.ts'] };
