import type { CreatePaymentDeps } from '@railhead/commands/payments/create-payment.ts';
import type { SubmitWaitlistDeps } from '@railhead/commands/waitlist/submit-waitlist.ts';
import type { Route } from '@railhead/http/route.ts';
import { giveUpWaitlistRoute } from './give-up-waitlist.ts';
import { prepayWaitlistRoute } from './prepay-waitlist.ts';
import { submitWaitlistRoute } from './submit-waitlist.ts';

export const waitlistCommands = (deps: SubmitWaitlistDeps & CreatePaymentDeps): readonly Route[] => [
  submitWaitlistRoute(deps),
  prepayWaitlistRoute(deps),
  giveUpWaitlistRoute(deps),
];
