/**
 * Lists every table with the rule by which it shrinks. A new table needs a rule here; a test compares the list with the
 * schema.
 *
 * - `messages`: rows are deleted with old messages, by the setting `HOMING_RETENTION_DAYS` (core/messages/retention.ts).
 * - `period`: rows are deleted every night after a fixed period.
 * - `work`: rows are deleted when the work that they describe is done.
 * - `owner`: rows are deleted with a row of another table, or by a request of the customer.
 * - `kept`: rows stay, because other rows or invoices refer to them. Their number does not grow with the messages.
 */
export interface TableRule {
  by: 'messages' | 'period' | 'work' | 'owner' | 'kept';
  detail: string;
}

export const TABLE_RULES: Readonly<Record<string, TableRule>> = {
  messages: { by: 'messages', detail: 'Finished messages older than the setting.' },
  timeline: { by: 'messages', detail: 'With its message.' },
  message_aliases: { by: 'messages', detail: 'With its message.' },
  media: { by: 'messages', detail: 'With its message; uploads without a message after 30 days.' },
  media_chunks: { by: 'messages', detail: 'With its attachment.' },
  reactions: { by: 'messages', detail: 'Reactions older than the setting.' },
  message_edits: { by: 'messages', detail: 'With its message.' },
  message_receipts: { by: 'messages', detail: 'With its message.' },
  group_changes: { by: 'messages', detail: 'Changes older than the setting.' },
  conversations: { by: 'messages', detail: 'With its last message.' },
  list_counts: { by: 'messages', detail: 'With the messages that it counts.' },
  search_entries: { by: 'messages', detail: 'With its message.' },
  search_words: { by: 'messages', detail: 'With its message.' },
  events: { by: 'messages', detail: 'Older than the setting, at most 30 days.' },
  webhook_deliveries: { by: 'messages', detail: 'Finished ones older than the setting, at most 30 days.' },
  webhook_attempts: { by: 'messages', detail: 'With its delivery.' },
  tool_calls: { by: 'messages', detail: 'Older than the setting, at most 90 days.' },

  idempotency_keys: {
    by: 'period',
    detail: '24 hours; keys that last as long as their message, with the message.',
  },
  pairings: { by: 'period', detail: '24 hours after the code expired.' },
  devices: {
    by: 'period',
    detail: '30 days if it never connected; kept otherwise, because messages name it.',
  },
  pace_log: { by: 'period', detail: '25 hours, longer than every window of a limit.' },
  usage_days: { by: 'period', detail: '90 days.' },
  members: { by: 'period', detail: '400 days after the removal, because the audit log names them.' },
  member_sessions: { by: 'period', detail: '30 days after the end.' },
  sign_in_links: { by: 'period', detail: '30 days after the expiry.' },
  member_changes: { by: 'period', detail: '400 days.' },
  hourly_counts: { by: 'period', detail: '31 days.' },
  lookups: { by: 'period', detail: '24 hours.' },

  rate_windows: { by: 'period', detail: '24 hours after the start of the window.' },
  shortcut_runs: { by: 'period', detail: '24 hours.' },
  passkey_challenges: { by: 'period', detail: 'When it is used, or in the night after its expiry.' },

  device_requests: { by: 'work', detail: 'When the response is read; after 24 hours without it.' },
  brokers: { by: 'work', detail: 'When the broker ends, or another one detects its end.' },
  leaders: { by: 'work', detail: 'With its broker.' },
  webhook_lanes: { by: 'work', detail: 'When nothing is left to deliver, or with its broker.' },
  pending_items: { by: 'work', detail: 'When the message arrives; after 30 days without it.' },
  message_changes: { by: 'work', detail: 'When the projections have processed it.' },
  background_tasks: { by: 'work', detail: 'When the task is complete.' },

  webhooks: { by: 'owner', detail: 'By request; status callbacks 30 days after their last use.' },
  contacts: { by: 'owner', detail: 'By request.' },
  users: { by: 'owner', detail: 'By request.' },
  saved_replies: { by: 'owner', detail: 'By request.' },
  passkeys: { by: 'owner', detail: 'By request, and with its member.' },
  sender_rules: { by: 'owner', detail: 'By request.' },
  suppressions: { by: 'owner', detail: 'When the recipient opts in.' },
  whatsapp_templates: { by: 'owner', detail: 'By request.' },
  device_numbers: { by: 'owner', detail: 'With its number, or with a device that never connected.' },
  device_marks: { by: 'kept', detail: 'Up to three rows of a device.' },

  accounts: { by: 'kept', detail: 'One row of an account.' },
  worlds: { by: 'kept', detail: 'Two rows of an account.' },
  credentials: { by: 'kept', detail: 'One row of a key; the audit log refers to revoked keys.' },
  credential_uses: { by: 'kept', detail: 'One row of a key.' },
  contact_fields: { by: 'kept', detail: 'One row of a custom field of a tenant.' },
  group_chats: {
    by: 'kept',
    detail: 'One row of a group, with its name and members; a new group without a message 30 days.',
  },
  numbers: { by: 'kept', detail: 'One row of a number; messages refer to removed numbers.' },
  number_purchases: { by: 'kept', detail: 'One row of a purchase.' },
  spend_limits: { by: 'kept', detail: 'One row of a tenant.' },
  event_streams: { by: 'kept', detail: 'One row of a tenant.' },
  usage_months: { by: 'kept', detail: 'One row of a tenant and month, for invoices.' },
  usage_statuses: { by: 'kept', detail: 'Some rows of a tenant and month, for invoices.' },
  usage_spend: { by: 'kept', detail: 'One row of a tenant and month, for invoices.' },
  signing_keys: { by: 'kept', detail: 'One row of a purpose and tenant.' },
  signed_shortcuts: { by: 'kept', detail: 'One row of a shortcut file of a version.' },
};

/** Tables that only PostgreSQL has. */
export const POSTGRES_TABLE_RULES: Readonly<Record<string, TableRule>> = {
  database_state: { by: 'kept', detail: 'One row.' },
};
