import { CALLER_ROLES, signToken, userIdShape } from '@railhead/infra/http/tokens.ts';
import { type Command, Option } from 'commander';
import { UsageError } from '../exit-codes.ts';
import { type ConfigOptions, readyConfigOf, withSettings } from '../options.ts';
import { print } from '../output.ts';

type TokenOptions = ConfigOptions & { readonly user: string; readonly role: (typeof CALLER_ROLES)[number] };

export const tokenCommand = (command: Command): Command =>
  withSettings(command, ['data', 'tokenHours'])
    .requiredOption('--user <id>', 'whose token: 1 to 128 of A-Z a-z 0-9 . _ @ -')
    .addOption(new Option('--role <role>', 'what the user may do').choices([...CALLER_ROLES]).default('user'))
    .action(async (options: TokenOptions) => {
      const user = userIdShape.safeParse(options.user);
      if (!user.success) throw new UsageError(`--user ${user.error.issues[0]?.message}`);
      const { authSecret, tokenHours } = readyConfigOf(options);
      print(await signToken(authSecret, user.data, options.role, tokenHours));
    });
