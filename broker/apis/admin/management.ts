/** Lists the operations that manage an account. */
import { accountOperations } from './account-operations.ts';
import type { AdminOperation } from './admin-operation.ts';
import { backupOperations } from './backup-operations.ts';
import { contactImportOperations } from './contact-import-operations.ts';
import { contactOperations } from './contact-operations.ts';
import { deliveryOperations } from './delivery-operations.ts';
import { deviceOperations } from './device-operations.ts';
import { erasureOperations } from './erasure-operations.ts';
import { keyOperations } from './key-operations.ts';
import type { ManagementOptions } from './management-options.ts';
import { numberOperations } from './number-operations.ts';
import { optOutOperations } from './opt-out-operations.ts';
import { overviewOperations } from './overview-operations.ts';
import { pairingOperations } from './pairing-operations.ts';
import { webhookOperations } from './webhook-operations.ts';

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
    ...erasureOperations(options),
    ...overviewOperations(options),
    ...accountOperations(options),
    ...backupOperations(options),
  ];
}
