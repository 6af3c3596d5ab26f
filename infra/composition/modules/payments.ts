// Payments: the clients of the gateways, and the sandbox gateways that can stand in for real ones.
import type { dataFolderSettings } from '../../config/data-folder.ts';
import type { ValuesOf } from '../../config/setting.ts';
import { formDialect } from '../../payment/form/form-dialect.ts';
import { keysOfBothSides } from '../../payment/form/form-keys.ts';
import { GatewaysByChannel } from '../../payment/gateways-by-channel.ts';
import { jsonDialect } from '../../payment/json-dialect.ts';
import { FORM_GATEWAY_PATH } from '../../payment/sandbox/paths.ts';
import { SandboxClient } from '../../payment/sandbox/sandbox-client.ts';
import { SandboxGateway } from '../../payment/sandbox/sandbox-gateway.ts';
import type { paymentSettings } from '../../payment/settings.ts';
import type { PartModule } from '../module.ts';
import { PARTS } from '../parts.ts';

type PaymentConfig = ValuesOf<typeof dataFolderSettings & typeof paymentSettings>;

const { clock, logger, address, sandbox, formSandbox, formMerchant } = PARTS;

const life = {
  start: (gateway: SandboxGateway) => gateway.start(),
  close: (gateway: SandboxGateway) => gateway.stop(),
};

export const paymentsModule = ({
  data: folder,
  gatewayUrl,
  gatewaySecret: secret,
  callbackToleranceSeconds,
}: PaymentConfig): PartModule => ({
  declare: (provide) => {
    const keys = keysOfBothSides();
    provide(
      sandbox,
      { clock, logger },
      ({ clock, logger }) => new SandboxGateway({ folder, secret, clock, logger }),
      life,
    );
    provide(
      formSandbox,
      { clock, logger },
      ({ clock, logger }) => {
        const spoken = { dialect: formDialect(keys.gateway), path: FORM_GATEWAY_PATH, file: 'gateway_form.db' };
        return new SandboxGateway({ folder, secret, clock, logger, spoken });
      },
      life,
    );
    provide(formMerchant, {}, () => formDialect(keys.merchant, callbackToleranceSeconds));
    provide(
      PARTS.gateway,
      { clock, address, sandbox, formSandbox, formMerchant },
      ({ clock, address, sandbox, formSandbox, formMerchant }) =>
        new GatewaysByChannel({
          sandbox: new SandboxClient({
            gatewayUrl: () => gatewayUrl || address.own,
            notifyUrl: () => `${address.own}/v1/payments/callback`,
            dialect: jsonDialect(secret),
            clock,
            inProcess: gatewayUrl === '' ? sandbox : undefined,
          }),
          form: new SandboxClient({
            gatewayUrl: () => address.own,
            notifyUrl: () => `${address.own}/v1/payments/form-callback`,
            dialect: formMerchant,
            path: FORM_GATEWAY_PATH,
            clock,
            inProcess: formSandbox,
          }),
        }),
    );
  },
  roots: [sandbox, formSandbox],
});
