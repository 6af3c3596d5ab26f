import { z } from 'zod';
import { type Settings, secretText, setting, whole } from '../config/setting.ts';

export const paymentSettings = {
  gatewaySecret: setting(
    secretText,
    '',
    'RAILHEAD_GATEWAY_SECRET',
    'shared with the payment gateway; empty: made at the first start',
    'made',
  ),
  gatewayUrl: setting(
    z.union([z.literal(''), z.url({ protocol: /^https?$/, error: 'must be a URL of http or https, or empty' })]),
    '',
    'RAILHEAD_GATEWAY_URL',
    'sandbox gateway run elsewhere; empty: served by this process',
  ),
  reconcileAt: setting(
    z.string().regex(/^(?:|(?:[01]\d|2[0-3]):[0-5]\d)$/, 'must be a time such as 04:00, or empty'),
    '04:00',
    'RAILHEAD_RECONCILE_AT',
    "when the day before is compared with the payment gateway's statement, by the railway's clock; empty: never",
  ),
  callbackToleranceSeconds: setting(
    whole(1, 86_400),
    300,
    'RAILHEAD_CALLBACK_TOLERANCE_SECONDS',
    'how old the signature of a payment notice may be',
  ),
} as const satisfies Settings;
