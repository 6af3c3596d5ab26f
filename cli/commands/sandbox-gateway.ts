// `railhead sandbox-gateway`: the sandbox payment gateway in a process of its own.
import { zoneNamed } from '@railhead/commands/time/zone.ts';
import { startSandboxProcess } from '@railhead/infra/composition/sandbox-process.ts';
import { privateFolder } from '@railhead/infra/config/private-folder.ts';
import { createLogger } from '@railhead/infra/observability/logger.ts';
import { systemClock } from '@railhead/infra/system/system-clock.ts';
import type { Command } from 'commander';
import { UsageError } from '../exit-codes.ts';
import { type ConfigOptions, configOf, withSettings } from '../options.ts';
import { print, printJson } from '../output.ts';

const DEFAULT_PORT = '8090';
const DEFAULT_FOLDER = 'railhead-gateway';

export const sandboxGatewayCommand = (command: Command): Command =>
  withSettings(command, ['data', 'port', 'host', 'gatewaySecret', 'timeZone', 'logLevel'])
    .option('--json', 'print one JSON object when ready')
    .action(async (options: ConfigOptions & { readonly json?: boolean }) => {
      // Not Railhead's folder and port: the gateway is somebody else.
      const { config } = configOf({ port: DEFAULT_PORT, data: DEFAULT_FOLDER, ...options });
      const { data: folder, host, port, gatewaySecret: secret, timeZone, logLevel } = config;
      if (secret === '')
        throw new UsageError('the gateway and Railhead share a secret: name it with RAILHEAD_GATEWAY_SECRET');
      privateFolder(folder);
      const clock = systemClock(zoneNamed(timeZone));
      const gateway = await startSandboxProcess({ folder, host, port, secret, clock, logger: createLogger(logLevel) });
      if (options.json === true) printJson({ url: gateway.url, data: folder, pid: process.pid });
      else print(`The sandbox payment gateway serves ${gateway.url}   data: ${folder}`);
      await new Promise<void>((resolve) => {
        process.once('SIGINT', () => resolve());
        process.once('SIGTERM', () => resolve());
      });
      await gateway.stop();
    });
