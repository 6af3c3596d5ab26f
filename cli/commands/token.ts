import { MOST_LEVEL } from '@railhead/domain/waitlist-priorities/priority.ts';
import { CALLER_ROLES, memberLevelShape, signToken, userIdShape } from '@railhead/infra/http/tokens.ts';
import { type Command, Option } from 'commander';
import { UsageError } from '../exit-codes.ts';
import { type ConfigOptions, readyConfigOf, withSettings } from '../options.ts';
import { print } from '../output.ts';

type TokenOptions = ConfigOptions & {
  readonly user: string;
  readonly role: (typeof CALLER_ROLES)[number];
  readonly memberLevel?: string;
};

export const tokenCommand = (command: Command): Command =>
  withSettings(command, ['data', 'tokenHours'])
    .requiredOption('--user <id>', 'whose token: 1 to 128 of A-Z a-z 0-9 . _ @ -')
    .addOption(new Option('--role <role>', 'what the user may do').choices([...CALLER_ROLES]).default('user'))
    .option(
      '--member-level <n>',
      `0 to ${MOST_LEVEL}: may put whoever waits for seats before others (docs/waitlist.md)`,
    )
    .action(async (options: TokenOptions) => {
      const user = userIdShape.safeParse(options.user);
      if (!user.success) throw new UsageError(`--user ${user.error.issues[0]?.message}`);
      const level = memberLevelOf(options.memberLevel);
      const { authSecret, tokenHours } = readyConfigOf(options);
      print(await signToken(authSecret, user.data, options.role, tokenHours, level));
    });

const memberLevelOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const level = memberLevelShape.safeParse(/^\d+$/.test(text) ? Number(text) : undefined);
  if (!level.success)
    throw new UsageError(`--member-level must be a whole number from 0 to ${MOST_LEVEL}, not ${text}`);
  return level.data;
};
