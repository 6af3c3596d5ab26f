// Where the sandbox gateways are found, on whatever port they listen.
export const GATEWAY_PATH = '/sandbox-gateway';
export const FORM_GATEWAY_PATH = '/sandbox-form-gateway';
export const STATEMENT_PATH = `${GATEWAY_PATH}/statements`;

/** A path of the gateway at its address, which may end in a slash, or have a path of its own. */
export const atGateway = (gatewayUrl: string, path: string): string => gatewayUrl.replace(/\/+$/, '') + path;
