/** Shows the brokers on a PostgreSQL database, in `homing status` and `homing database check`. */
import type { ListedBroker } from '../../broker/core/ports/brokers.ts';
import { localTime, printNotice, printTable } from '../terminal.ts';

/** Output with `--json`. Times are ISO 8601, UTC. */
export interface BrokerRow {
  host: string;
  version: string;
  started_at: string;
  heartbeat_at: string;
}

export function brokerRows(brokers: readonly ListedBroker[]): BrokerRow[] {
  return brokers.map(({ host, version, startedAt, heartbeatAt }) => ({
    ...{ host, version },
    started_at: new Date(startedAt).toISOString(),
    heartbeat_at: new Date(heartbeatAt).toISOString(),
  }));
}

/** Prints a table if there are several brokers. */
export function printBrokers(brokers: readonly BrokerRow[]): void {
  if (brokers.length < 2) return;
  printTable(
    ['BROKER', 'VERSION', 'SINCE', 'HEARTBEAT'],
    brokers.map(({ host, version, started_at, heartbeat_at }) => [
      ...[host, version, localTime(started_at), localTime(heartbeat_at)],
    ]),
  );
}

/** Warns on standard error if the brokers are of several versions, as during an upgrade. */
export function warnOfVersions(brokers: readonly BrokerRow[]): void {
  const versions = [...new Set(brokers.map(({ version }) => version))].sort();
  if (versions.length < 2) return;
  printNotice(
    `homing: The brokers are of several versions: ${versions.join(', ')}. Upgrade all of them to the same version.`,
  );
}
