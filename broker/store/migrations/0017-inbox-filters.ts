/**
 * Adds indexes for the filters of the inbox: unread conversations and groups, of a tenant and of a number, and the unread
 * messages of one conversation. Only conversations and messages that match the filter are in them. The index of deliveries
 * is for the timeline of a message.
 */
export const sql = `
CREATE INDEX conversations_unread ON conversations (world_id, latest_id, unread_count)
  WHERE unread_count > 0 AND latest_id IS NOT NULL;
CREATE INDEX conversations_unread_of_number ON conversations (number_id, latest_id)
  WHERE unread_count > 0 AND latest_id IS NOT NULL;
CREATE INDEX conversations_groups ON conversations (world_id, latest_id)
  WHERE is_group = 1 AND latest_id IS NOT NULL;
CREATE INDEX conversations_groups_of_number ON conversations (number_id, latest_id)
  WHERE is_group = 1 AND latest_id IS NOT NULL;
CREATE INDEX webhook_deliveries_of_message ON webhook_deliveries (message_id, id) WHERE message_id IS NOT NULL;
CREATE INDEX messages_unread_in ON messages (number_id, COALESCE(chat, remote), id) WHERE is_unread = 1;
`;
