/** Describes the running broker for the settings of the dashboard: retention, disk and uptime. */
import { statfsSync } from 'node:fs';
import type { AdminOptions } from '../apis/admin/options.ts';
import { AUDIT_LOG_RETENTION_DAYS, EVENTS_RETENTION_DAYS } from '../core/messages/retention.ts';
import { databaseFile } from '../data-folder.ts';
import { sizeOf } from '../store/sqlite/backups.ts';
import type { Runtime } from './runtime.ts';

const BYTES_PER_MEGABYTE = 1024 * 1024;

export function describeBroker({ config, now }: Runtime): Pick<AdminOptions, 'retention' | 'brokerFacts'> {
  const { retentionDays } = config;
  const startedAt = now();
  const shorter = (days: number) => (retentionDays === 0 ? days : Math.min(days, retentionDays));
  return {
    retention: {
      messageDays: retentionDays === 0 ? null : retentionDays,
      eventDays: shorter(EVENTS_RETENTION_DAYS),
      toolCallDays: shorter(AUDIT_LOG_RETENTION_DAYS),
      at: config.retentionAt,
      mediaQuotaBytes: config.mediaQuotaAccountMegabytes * BYTES_PER_MEGABYTE,
      databaseMaxBytes: config.maxDatabaseMegabytes * BYTES_PER_MEGABYTE,
    },
    brokerFacts() {
      const { bavail, blocks, bsize } = statfsSync(config.dataDir);
      return {
        nodeVersion: process.version,
        platform: `${process.platform} ${process.arch}`,
        startedAt,
        databaseBytes: sizeOf(databaseFile(config.dataDir)),
        disk: { freeBytes: bavail * bsize, totalBytes: blocks * bsize },
      };
    },
  };
}
