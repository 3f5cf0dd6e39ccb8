/** Lists the operations that manage an account. */
import { accountOperations } from './account/account-operations.ts';
import { backupOperations } from './account/backup-operations.ts';
import { overviewOperations } from './account/overview-operations.ts';
import type { AdminOperation } from './admin-operation.ts';
import { contactImportOperations } from './contacts/contact-import-operations.ts';
import { contactOperations } from './contacts/contact-operations.ts';
import { erasureOperations } from './contacts/erasure-operations.ts';
import { lookupOperations } from './contacts/lookup-operations.ts';
import { optOutOperations } from './contacts/opt-out-operations.ts';
import { senderRuleOperations } from './contacts/sender-rule-operations.ts';
import { deliveryOperations } from './developers/delivery-operations.ts';
import { keyOperations } from './developers/key-operations.ts';
import { webhookOperations } from './developers/webhook-operations.ts';
import { deviceOperations } from './devices/device-operations.ts';
import { numberOperations } from './devices/number-operations.ts';
import { pairingOperations } from './devices/pairing-operations.ts';
import type { ManagementOptions } from './management-options.ts';

export function managementOperations(options: ManagementOptions): AdminOperation[] {
  return [
    ...numberOperations(options),
    ...deviceOperations(options),
    ...pairingOperations(options),
    ...keyOperations(options),
    ...webhookOperations(options),
    ...deliveryOperations(options),
    ...contactImportOperations(options),
    ...contactOperations(options),
    ...optOutOperations(options),
    ...senderRuleOperations(options),
    ...lookupOperations(options),
    ...erasureOperations(options),
    ...overviewOperations(options),
    ...accountOperations(options),
    ...backupOperations(options),
  ];
}
