/** Inserts webhooks and pending events into the database of a stopped broker. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createIdSource } from '../shared/ids.ts';

/** Inserts one webhook per URL, each with `events` pending events of different messages. */
export function seedEvents(dataDir: string, urls: readonly string[], events: number): void {
  inDatabase(dataDir, (database) => {
    for (const url of urls) insertEvents(database, insertWebhook(database, url, 'message.sent'), events);
  });
}

/** Inserts a webhook without events. */
export function seedWebhook(dataDir: string, url: string, type: string): void {
  inDatabase(dataDir, (database) => void insertWebhook(database, url, type));
}

function inDatabase(dataDir: string, work: (database: Database.Database) => void): void {
  const database = new Database(join(dataDir, 'homing.db'), { fileMustExist: true });
  try {
    database.transaction(() => work(database))();
  } finally {
    database.close();
  }
}

function insertWebhook(
  database: Database.Database,
  url: string,
  type: string,
): { webhook: string; tenant: number } {
  const now = Date.now();
  const tenant = database.prepare("SELECT id FROM worlds WHERE environment = 'live'").pluck().get() as number;
  const webhook = createIdSource(Date.now)();
  database
    .prepare(
      `INSERT INTO webhooks (id, world_id, dialect, url, events, secret, is_active, failed_in_a_row, created_at, updated_at)
       VALUES (?, ?, 'texting-blue', ?, ?, 'whsec_YmVuY2hiZW5jaGJlbmNoYmVuY2g=', 1, 0, ?, ?)`,
    )
    .run(webhook, tenant, url, JSON.stringify([type]), now, now);
  return { webhook, tenant };
}

function insertEvents(
  database: Database.Database,
  { webhook, tenant }: { webhook: string; tenant: number },
  events: number,
): void {
  const newId = createIdSource(Date.now);
  const now = Date.now();
  const insertEvent = database.prepare(
    "INSERT INTO events (id, world_id, type, message_id, subject, created_at) VALUES (?, ?, 'message.sent', ?, ?, ?)",
  );
  const insertDelivery = database.prepare(
    `INSERT INTO webhook_deliveries (id, webhook_id, event_id, message_id, is_replay, status, attempts, next_attempt_at,
       created_at) VALUES (?, ?, ?, ?, 0, 'pending', 0, ?, ?)`,
  );
  for (let index = 0; index < events; index += 1) {
    const [event, message] = [newId(), newId()];
    insertEvent.run(
      event,
      tenant,
      message,
      JSON.stringify({ message: messageOf(message, tenant, now) }),
      now,
    );
    insertDelivery.run(newId(), webhook, event, message, now, now);
  }
}

function messageOf(id: string, tenantId: number, now: number) {
  return {
    ...{ id, tenantId, numberId: id, direction: 'outbound', status: 'sent', ownNumber: '+14155550100' },
    ...{
      handle: '+14155550101',
      content: 'Hello from the bench',
      media: [],
      chat: null,
      requestedService: 'auto',
    },
    ...{ service: 'imessage', errorCode: null, errorMessage: null, priority: 0, createdAt: now, sentAt: now },
    ...{ deliveredAt: null, metadata: null },
  };
}
