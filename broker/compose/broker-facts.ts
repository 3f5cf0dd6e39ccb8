/** Describes the running broker for the settings of the dashboard: retention, backups, disk and uptime. */
import { statfsSync } from 'node:fs';
import type { AdminOptions } from '../apis/admin/options.ts';
import { AUDIT_LOG_RETENTION_DAYS, EVENTS_RETENTION_DAYS } from '../core/messages/retention.ts';
import type { Store } from '../core/ports/store.ts';
import { backupCommands } from '../store/postgres/backup-commands.ts';
import type { Runtime } from './runtime.ts';

const BYTES_PER_MEGABYTE = 1024 * 1024;

export function describeBroker(
  { config, now }: Runtime,
  store: Store,
): Pick<AdminOptions, 'retention' | 'brokerFacts' | 'backupCommand'> {
  const { retentionDays } = config;
  const startedAt = now();
  const shorter = (days: number) => (retentionDays === 0 ? days : Math.min(days, retentionDays));
  const { databaseUrl } = config;
  return {
    backupCommand: databaseUrl === undefined ? undefined : backupCommands(databaseUrl).backup,
    retention: {
      messageDays: retentionDays === 0 ? null : retentionDays,
      eventDays: shorter(EVENTS_RETENTION_DAYS),
      toolCallDays: shorter(AUDIT_LOG_RETENTION_DAYS),
      at: config.retentionAt,
      mediaQuotaBytes: config.mediaQuotaAccountMegabytes * BYTES_PER_MEGABYTE,
      databaseMaxBytes: databaseUrl === undefined ? config.maxDatabaseMegabytes * BYTES_PER_MEGABYTE : 0,
    },
    async brokerFacts() {
      const { bavail, blocks, bsize } = statfsSync(config.dataDir);
      return {
        nodeVersion: process.version,
        platform: `${process.platform} ${process.arch}`,
        startedAt,
        databaseBytes: await store.bytes(),
        disk: { freeBytes: bavail * bsize, totalBytes: blocks * bsize },
      };
    },
  };
}
