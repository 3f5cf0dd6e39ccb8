/** Fills a PostgreSQL database with a history of some months, so that its plans are those of a used database. */
import type pg from 'pg';
import { createPartition, monthAt } from '../../../broker/store/postgres/partitions.ts';
import { firstIdAt, timeOfId } from '../../../shared/ids.ts';

const DAY_MS = 86_400_000;

/** 50 tenants with 10 numbers each. Every 20th message of the last month is queued, and some are leased. */
export async function fillHistory(
  client: pg.Client,
  { messages, until }: { messages: number; until: number },
) {
  const months = 6;
  for (let offset = 1 - months; offset <= 0; offset += 1)
    await createPartition(client, monthAt(until, offset));
  const prefixes = Array.from({ length: months }, (_, index) =>
    firstIdAt(timeOfId(monthAt(until, index + 1 - months).from) + DAY_MS).slice(0, 10),
  );
  const at = Date.UTC(2026, 0);
  await client.query(`
    SET synchronous_commit = off;
    CREATE TEMP TABLE months AS SELECT * FROM unnest(ARRAY[${prefixes.map((one) => `'${one}'`).join(', ')}])
      WITH ORDINALITY AS month(prefix, place);
    INSERT INTO accounts SELECT 'account' || n, 'slug' || n, 'free', 0 FROM generate_series(1, 50) n;
    INSERT INTO worlds SELECT n, 'account' || n, 'live' FROM generate_series(1, 50) n;
    INSERT INTO numbers (id, world_id, is_live, phone_number, status, is_verified, created_at)
      SELECT 'number' || n, n % 50 + 1, 1, '+1415555' || n, 'active', 1, 0 FROM generate_series(1, 500) n;
    INSERT INTO devices (id, world_id, name, created_at)
      SELECT 'device' || n, n % 50 + 1, 'd', 0 FROM generate_series(1, 500) n;
    INSERT INTO device_numbers SELECT 'device' || n, 'number' || n FROM generate_series(1, 500) n;
    INSERT INTO messages (id, world_id, number_id, direction, status, own_number, remote, content, requested_service,
        error_retryable, lane, not_before, expires_at, attempt, lease_journaled, created_at, device_id, lease_until, guid, chat,
        is_unread, projected_status, media_count)
      SELECT month.prefix || LPAD(n::text, 16, '0'), (k % 500 + 1) % 50 + 1, 'number' || (k % 500 + 1),
        CASE n % 2 WHEN 0 THEN 'inbound' ELSE 'outbound' END, status.value, '+1', '+1917' || (k % 5000), 'hello ' || n,
        'auto', 0, CASE WHEN status.value = 'queued' AND k % 3 = 0 THEN 1000 ELSE 0 END, ${at} + n, ${at} + n, 1, n % 2, ${at} + n,
        'device' || (k % 500 + 1), ${at} + n, 'guid' || n, CASE k % 20 WHEN 0 THEN 'chat' || (k % 1000) END,
        CASE k % 40 WHEN 0 THEN 1 ELSE 0 END, status.value, CASE k % 10 WHEN 0 THEN 1 ELSE 0 END
      FROM generate_series(1, ${messages}) n JOIN months month ON month.place = n % ${months} + 1,
        LATERAL (SELECT n / ${months} + n AS k) AS spread,
        LATERAL (SELECT CASE WHEN month.place = ${months} AND k % 400 = 5 THEN 'polling'
          WHEN month.place = ${months} AND k % 20 = 5 THEN 'queued' WHEN k % 50 = 7 THEN 'failed'
          WHEN k % 3 = 0 THEN 'received' WHEN k % 3 = 1 THEN 'sent' ELSE 'delivered' END AS value) AS status;
    INSERT INTO timeline SELECT id, place, created_at, 'accepted', 'queued' FROM messages, generate_series(1, 3) place;
    INSERT INTO search_entries SELECT world_id, id, to_tsvector('simple', content) FROM messages;
    INSERT INTO media (id, world_id, message_id, position, created_at)
      SELECT 'media' || id, world_id, id, 0, created_at FROM messages WHERE media_count = 1;
    INSERT INTO message_aliases SELECT number_id, 'alias' || id, world_id, id, device_id FROM messages WHERE media_count = 1;
    INSERT INTO conversations SELECT 'conversation' || n, n % 50 + 1, 'number' || (n % 500 + 1), '+1917' || n, n % 20 / 19,
      '["+1"]', 'id' || n, n % 30 / 29, 3, 0, 0 FROM generate_series(1, 20000) n;
    INSERT INTO list_counts SELECT 'number' || (n % 500), n % 3 + 4, n::text, 1 FROM generate_series(1, 20000) n;
    INSERT INTO contacts SELECT 'contact' || n, n % 50 + 1, '+1917' || n, 'Name ' || n, NULL, '{}', 0, 0
      FROM generate_series(1, 20000) n;
    INSERT INTO webhooks SELECT 'webhook' || n, n % 50 + 1, 'textus', NULL, NULL, 'https://a/' || n, '[]', 's', NULL, NULL, 1, 0, 0, 0
      FROM generate_series(1, 200) n;
    INSERT INTO events SELECT 'event' || LPAD(n::text, 8, '0'), n % 50 + 1, 'message.sent', NULL, '{}', n
      FROM generate_series(1, 20000) n;
    INSERT INTO webhook_deliveries SELECT 'delivery' || LPAD(n::text, 8, '0'), 'webhook' || (n % 200 + 1),
        'event' || LPAD(n::text, 8, '0'), 'm' || n, 0, CASE WHEN n % 20 = 0 THEN 'pending' ELSE 'delivered' END, 0, n, n
      FROM generate_series(1, 20000) n;
    INSERT INTO webhook_attempts SELECT id, 1, 0, 1, 200, '' FROM webhook_deliveries;
    INSERT INTO pace_log SELECT number_id, created_at, id, 0, 0 FROM messages WHERE status = 'sent';
    INSERT INTO idempotency_keys SELECT world_id, id, CASE media_count WHEN 0 THEN 'f' ELSE '' END, id, created_at FROM messages
      WHERE status IN ('sent', 'queued');
    INSERT INTO reactions SELECT number_id, guid, 't', remote, 'love', 0, created_at FROM messages WHERE media_count = 1;
    INSERT INTO tool_calls SELECT 'call' || n, n % 50 + 1, NULL, 't', 'mcp', '{}', 'ok', NULL, 1, n FROM generate_series(1, 20000) n;
    INSERT INTO credentials SELECT 'key' || n, n % 50 + 1, 'k', '[]', 'hash' || n, 0, NULL FROM generate_series(1, 5000) n;
    INSERT INTO suppressions SELECT n % 50 + 1, '+1917' || n, 'stop', 0 FROM generate_series(1, 20000) n;
    INSERT INTO usage_days SELECT 'number' || (n % 500), 'day' || n, 1 FROM generate_series(1, 20000) n;
    INSERT INTO hourly_counts SELECT n % 50 + 1, n, 'sent', '', 1 FROM generate_series(1, 20000) n;
    INSERT INTO message_changes (messages) SELECT '1 x' FROM generate_series(1, 1000);
    ANALYZE`);
}
