/**
 * Writes, lists, downloads and deletes backups. A backup contains all accounts of the broker, so these operations exist
 * only while the broker has one account, and its database is SQLite.
 */
import type { AuditedChange } from '../../../core/members/audit.ts';
import { forbidden } from '../../../core/model/errors.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { changeAsMember } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { BackupOptions, Backups } from '../management-options.ts';
import { type BackupsBody, backups as backupsSchema } from './settings-schemas.ts';

const PATH = '/dashboard/api/backups';

export function backupOperations({ store, context, ...options }: BackupOptions): AdminOperation[] {
  const ownBackups = async (): Promise<Backups> => {
    if ((await store.read.accounts.count(2)) > 1) {
      throw forbidden('The broker has several accounts. Its owner writes backups with homing backup.');
    }
    if (options.backups === undefined) {
      throw forbidden('The database is PostgreSQL. Its owner writes backups with pg_dump.');
    }
    return options.backups;
  };
  return [
    adminOperation({
      id: 'listBackups',
      method: 'GET',
      path: PATH,
      summary: 'List the backups, and the progress of a running one',
      permission: 'owner',
      responses: { 200: { description: 'The backups.', schema: backupsSchema }, 403: errorResponse },
      async handle() {
        const backups = await ownBackups();
        const body: BackupsBody = backups.state();
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'startBackup',
      method: 'POST',
      path: PATH,
      summary: 'Start a backup',
      permission: 'owner',
      responses: {
        202: { description: 'Started.', schema: backupsSchema },
        403: errorResponse,
        409: { ...errorResponse, description: 'A backup is running, or there are too many.' },
        503: { ...errorResponse, description: 'The disk has too little free space.' },
      },
      changes: ['backups', 'audit'],
      async handle({ caller }) {
        const backups = await ownBackups();
        await changeAsMember(store, caller, { action: 'backup.started' }, context, async () => {});
        backups.start();
        const body: BackupsBody = backups.state();
        return { status: 202, body };
      },
    }),
    adminOperation({
      id: 'downloadBackup',
      method: 'GET',
      path: `${PATH}/:name`,
      summary: 'Download a backup',
      permission: 'owner',
      responses: {
        200: { description: 'The SQLite file.', contentType: 'application/vnd.sqlite3' },
        403: errorResponse,
        404: errorResponse,
      },
      async handle({ caller, params }) {
        const backups = await ownBackups();
        const { name, bytes } = backups.find(params.name ?? '');
        const change: AuditedChange = { action: 'backup.downloaded', target: name };
        await changeAsMember(store, caller, change, context, async () => {});
        return {
          status: 200,
          contentType: 'application/vnd.sqlite3',
          headers: {
            'content-disposition': `attachment; filename="${name}"`,
            'cache-control': 'no-store',
          },
          stream: { size: bytes, chunks: backups.read(name) },
        };
      },
    }),
    adminOperation({
      id: 'deleteBackup',
      method: 'DELETE',
      path: `${PATH}/:name`,
      summary: 'Delete a backup',
      permission: 'owner',
      responses: { 204: { description: 'Deleted.' }, 403: errorResponse, 404: errorResponse },
      changes: ['backups', 'audit'],
      async handle({ caller, params }) {
        const backups = await ownBackups();
        const { name } = backups.find(params.name ?? '');
        const change: AuditedChange = { action: 'backup.deleted', target: name };
        await changeAsMember(store, caller, change, context, async () => {});
        backups.remove(name);
        return { status: 204 };
      },
    }),
  ];
}
