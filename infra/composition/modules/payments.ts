// Payments: the client of the gateway, and the sandbox gateway that can stand in for one.
import type { dataFolderSettings } from '../../config/data-folder.ts';
import type { ValuesOf } from '../../config/setting.ts';
import { SandboxClient } from '../../payment/sandbox/sandbox-client.ts';
import { SandboxGateway } from '../../payment/sandbox/sandbox-gateway.ts';
import type { paymentSettings } from '../../payment/settings.ts';
import type { PartModule } from '../module.ts';
import { PARTS } from '../parts.ts';

type PaymentConfig = ValuesOf<typeof dataFolderSettings & typeof paymentSettings>;

const { clock, logger, address, sandbox } = PARTS;

export const paymentsModule = ({ data: folder, gatewayUrl, gatewaySecret: secret }: PaymentConfig): PartModule => ({
  declare: (provide) => {
    provide(sandbox, { clock, logger }, ({ clock, logger }) => new SandboxGateway({ folder, secret, clock, logger }), {
      start: (sandbox) => sandbox.start(),
      close: (sandbox) => sandbox.stop(),
    });
    provide(
      PARTS.gateway,
      { clock, address, sandbox },
      ({ clock, address, sandbox }) =>
        new SandboxClient({
          gatewayUrl: () => gatewayUrl || address.own,
          notifyUrl: () => `${address.own}/v1/payments/callback`,
          secret,
          clock,
          inProcess: gatewayUrl === '' ? sandbox : undefined,
        }),
    );
  },
  roots: [sandbox],
});
