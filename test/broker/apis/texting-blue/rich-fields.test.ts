/** Checks the attributes of messages that iMessage has beyond a text. */
import { describe, expect, it } from 'vitest';
import { mediaUrls } from '../../../../broker/apis/texting-blue/media-urls.ts';
import { richFields } from '../../../../broker/apis/texting-blue/rich-fields.ts';
import { conversationId } from '../../../../broker/core/model/conversation.ts';
import { NOT_FETCHED } from '../../../../broker/core/model/media.ts';
import { queuedMessage } from '../../../support/message.ts';

const AT = Date.parse('2026-11-21T09:30:00.000Z');
const urlOf = mediaUrls(
  (id, until) => `https://homing.example/media/${id}?until=${until}`,
  () => AT,
);
const ID = '01m7ypkdxffkmb6tyeck3vccad';

describe('richFields', () => {
  it('returns the same keys with empty values for a plain message', () => {
    const message = queuedMessage();
    const recipient = { numberId: message.numberId, recipient: message.handle };
    expect(richFields(message, undefined, urlOf)).toEqual({
      conversation_id: `conv_${conversationId(recipient)}`,
      ...{ is_group: false, sender: null, participants: null, reply_to: null, effect: null, subject: null },
      ...{ media: [], reactions: [], service: null, read_at: null, edited_at: null, unsent_at: null },
    });
  });

  it('returns every attribute of an inbound group message', () => {
    const chat = 'iMessage;+;chat1';
    const message = queuedMessage({
      ...{ direction: 'inbound', chat, service: 'imessage', effect: 'slam', subject: 'Plan' },
      replyTo: { messageId: ID, guid: 'guid-1', part: 1 },
      media: [
        { ...NOT_FETCHED, id: 'one', sourceUrl: null, name: 'a.png' },
        {
          ...{ id: 'two', sourceUrl: null, name: null, contentType: 'image/jpeg', size: 7, sha256: 'aa' },
          ...{ width: 3, height: 4 },
        },
      ],
      reactions: [
        { id: ID, reaction: '👀', handle: '+14155550101', direction: 'inbound', part: 0, createdAt: AT },
      ],
      ...{ editedAt: AT, retractedAt: AT, readAt: AT },
    });
    const participants = ['+14155550100', '+14155550101'];
    expect(richFields(message, { participants }, urlOf)).toEqual({
      conversation_id: `conv_${conversationId({ numberId: message.numberId, recipient: chat })}`,
      ...{ is_group: true, sender: '+14155550100', participants, service: 'imessage' },
      ...{ reply_to: { message_id: `msg_${ID}`, part: 1 }, effect: 'slam', subject: 'Plan' },
      media: [
        { url: null, content_type: 'image/png', size: null, name: 'a.png' },
        {
          url: `https://homing.example/media/two?until=${AT + 3_600_000}`,
          ...{ content_type: 'image/jpeg', size: 7, name: null, width: 3, height: 4 },
        },
      ],
      reactions: [
        {
          ...{ id: `rct_${ID}`, reaction: '👀', handle: '+14155550101', direction: 'inbound', part: 0 },
          created_at: '2026-11-21T09:30:00.000Z',
        },
      ],
      ...{ edited_at: '2026-11-21T09:30:00.000Z', unsent_at: '2026-11-21T09:30:00.000Z' },
      read_at: '2026-11-21T09:30:00.000Z',
    });
  });

  it('names the sender of inbound group messages only', () => {
    expect(richFields(queuedMessage({ chat: 'homing;+;1' }), undefined, urlOf)).toMatchObject({
      ...{ is_group: true, sender: null, participants: [] },
    });
  });
});
