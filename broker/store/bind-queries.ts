/** Binds the queries to a connection. The queries are the same for every engine, except for the search. */

import type { Message } from '../core/model/message.ts';
import type { SearchQueries } from '../core/ports/inbox.ts';
import type { Queries } from '../core/ports/store.ts';
import type { Sql } from './database.ts';
import type { MessageWatch } from './message-watch.ts';
import { accountQueries } from './queries/accounts.ts';
import { auditLogQueries } from './queries/audit-log.ts';
import { billingQueries, purchaseQueries } from './queries/billing.ts';
import { brokerQueries } from './queries/brokers.ts';
import { contactQueries, suppressionQueries } from './queries/contacts.ts';
import { conversationQueries } from './queries/conversations.ts';
import { credentialQueries } from './queries/credentials.ts';
import { deliveryQueries, eventQueries, streamQueries } from './queries/deliveries.ts';
import { deviceRequestQueries } from './queries/device-requests.ts';
import { deviceSessionQueries } from './queries/device-sessions.ts';
import { deviceQueries } from './queries/devices.ts';
import { erasureQueries } from './queries/erasure.ts';
import { groupQueries } from './queries/groups.ts';
import { lookupQueries } from './queries/lookups.ts';
import { mediaQueries } from './queries/media.ts';
import { memberChangeQueries } from './queries/member-changes.ts';
import { memberSessionQueries, passkeyQueries, signInLinkQueries } from './queries/member-sessions.ts';
import { memberQueries } from './queries/members.ts';
import { messageEditQueries, pendingItemQueries, receiptQueries } from './queries/message-edits.ts';
import { messageQueries } from './queries/messages.ts';
import { numberQueries } from './queries/numbers.ts';
import { paceQueries } from './queries/pace.ts';
import { passkeyChallengeQueries } from './queries/passkey-challenges.ts';
import { projectionQueries } from './queries/projections.ts';
import { rateWindowQueries } from './queries/rate-windows.ts';
import { reactionQueries } from './queries/reactions.ts';
import { senderRuleQueries } from './queries/sender-rules.ts';
import { shortcutRunQueries } from './queries/shortcut-runs.ts';
import { signedShortcutQueries } from './queries/signed-shortcuts.ts';
import { statisticsQueries } from './queries/statistics.ts';
import { taskQueries } from './queries/tasks.ts';
import { idempotencyQueries, usageQueries } from './queries/usage.ts';
import { savedReplyQueries, userQueries, whatsappTemplateQueries } from './queries/users.ts';
import { webhookLaneQueries } from './queries/webhook-lanes.ts';
import { webhookQueries } from './queries/webhooks.ts';
import { cacheReference } from './reference-cache.ts';

export interface Binding {
  sql: Sql;
  search: SearchQueries;
  afterCommit: Queries['afterCommit'];
  /** Called for each inserted delivery, within the transaction. */
  onDelivery: (webhookId: string) => void;
  /** Called for each inserted event, within the transaction. */
  onEvent: (tenantId: number) => void;
  /**
   * Called within the transaction for each leased message whose cancellation is requested, and for each cancelled message
   * that needs a capability.
   */
  onCancellation: (message: Message) => void;
  /** Receives the changed messages; undefined for reads. */
  watch: MessageWatch | undefined;
}

/** Binds the queries of every table to a connection. */
export function bindQueries({
  sql,
  search,
  afterCommit,
  onDelivery,
  onEvent,
  onCancellation,
  watch,
}: Binding): Queries {
  return {
    accounts: accountQueries(sql),
    ...cacheReference(sql, {
      credentials: credentialQueries(sql),
      numbers: numberQueries(sql),
      suppressions: suppressionQueries(sql),
      senderRules: senderRuleQueries(sql),
      webhooks: webhookQueries(sql),
      streams: streamQueries(sql),
    }),
    devices: deviceQueries(sql),
    deviceSessions: deviceSessionQueries(sql),
    deviceRequests: deviceRequestQueries(sql),
    messages: messageQueries(sql, onCancellation, watch),
    media: mediaQueries(sql),
    reactions: reactionQueries(sql),
    messageEdits: messageEditQueries(sql),
    receipts: receiptQueries(sql),
    pendingItems: pendingItemQueries(sql),
    groups: groupQueries(sql, watch),
    lookups: lookupQueries(sql),
    signedShortcuts: signedShortcutQueries(sql),
    shortcutRuns: shortcutRunQueries(sql),
    idempotency: idempotencyQueries(sql),
    usage: usageQueries(sql),
    pace: paceQueries(sql),
    conversations: conversationQueries(sql),
    projections: projectionQueries(sql),
    search,
    contacts: contactQueries(sql),
    users: userQueries(sql),
    savedReplies: savedReplyQueries(sql),
    whatsappTemplates: whatsappTemplateQueries(sql),
    events: eventQueries(sql, onEvent),
    deliveries: deliveryQueries(sql, onDelivery),
    webhookLanes: webhookLaneQueries(sql),
    billing: billingQueries(sql),
    purchases: purchaseQueries(sql),
    auditLog: auditLogQueries(sql),
    brokers: brokerQueries(sql),
    tasks: taskQueries(sql),
    erasure: erasureQueries(sql),
    statistics: statisticsQueries(sql),
    members: memberQueries(sql),
    memberSessions: memberSessionQueries(sql),
    signInLinks: signInLinkQueries(sql),
    passkeys: passkeyQueries(sql),
    passkeyChallenges: passkeyChallengeQueries(sql),
    rateWindows: rateWindowQueries(sql),
    memberChanges: memberChangeQueries(sql),
    afterCommit,
  };
}
