// How the railway numbers its orders. A secret that did not number those of the log is refused before anything is sold.
import { orderSecretFits } from '@railhead/commands/orders/order-secret-fits.ts';
import { ConfigError } from '../../config/load-config.ts';
import type { ValuesOf } from '../../config/setting.ts';
import type { PartModule } from '../module.ts';
import { PARTS } from '../parts.ts';
import type { saleSettings } from '../sale-settings.ts';

type NumberingConfig = Pick<ValuesOf<typeof saleSettings>, 'orderSecret' | 'ordersKeyedSince' | 'ordersCheckedSince'>;

const REFUSAL =
  'the orders in the log were numbered by another order secret than this one: a request that is sent again would become a second order. ' +
  'Put back order-secret.json of this railway, or set RAILHEAD_ORDER_SECRET to its secret; ' +
  'if that is lost, set RAILHEAD_ORDERS_CHECKED_SINCE to this moment (RFC 3339)';

export const orderNumbersModule = (config: NumberingConfig): PartModule => ({
  declare: (provide) =>
    provide(PARTS.numbering, { store: PARTS.store }, async ({ store }) => {
      const [keyedSinceMs, checkedSinceMs] = [
        Date.parse(config.ordersKeyedSince),
        Date.parse(config.ordersCheckedSince),
      ];
      const numbering = {
        secret: config.orderSecret,
        ...(Number.isNaN(keyedSinceMs) ? {} : { keyedSinceMs }),
      };
      const sinceMs = Number.isNaN(checkedSinceMs) ? Number.NEGATIVE_INFINITY : checkedSinceMs;
      if (!(await orderSecretFits(store, numbering, sinceMs))) throw new ConfigError('CONFIG_INVALID', REFUSAL);
      return numbering;
    }),
  roots: [PARTS.numbering],
});
