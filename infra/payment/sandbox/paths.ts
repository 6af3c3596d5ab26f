// Where the sandbox gateway is found, on whatever port it listens.
export const GATEWAY_PATH = '/sandbox-gateway';
export const STATEMENT_PATH = `${GATEWAY_PATH}/statements`;
