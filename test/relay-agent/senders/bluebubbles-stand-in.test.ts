/** Tests that the fake BlueBubbles server rejects the bodies that the real one rejects. */
import { afterEach, expect, it } from 'vitest';
import {
  blueBubbles,
  cleanUp,
  GROUP,
  PASSWORD,
  PRIVATE_API,
} from '../../support/fake-mac/bluebubbles-sender.ts';

afterEach(cleanUp);

const TEXT = { chatGuid: GROUP, tempGuid: 't', message: 'Hello' };
const REACTION = { chatGuid: GROUP, selectedMessageGuid: 'G', reaction: 'love' };
const EDIT = { editedMessage: 'x', backwardsCompatibilityMessage: 'y' };

it.each<[string, object, string]>([
  ['POST message/text', { message: 'x' }, 'The chatGuid field is required.'],
  ['POST message/text', { ...TEXT, chatGuid: 7 }, 'The chatGuid must be a string.'],
  ['POST message/text', { chatGuid: GROUP }, 'The message field must be present (but can be empty).'],
  ['POST message/text', { ...TEXT, method: 'sms' }, 'The selected method is invalid.'],
  ['POST message/text', { ...TEXT, partIndex: 'x' }, 'The partIndex must be a number.'],
  ['POST message/text', { ...TEXT, tempGuid: '' }, "A 'tempGuid' is required when sending via AppleScript"],
  ['POST message/text', { ...TEXT, message: ' ' }, "A 'message' is required when sending via AppleScript"],
  [
    'POST message/text',
    { ...TEXT, message: '', method: 'private-api' },
    "A 'message' or 'subject' is required when sending via the Private API",
  ],
  ['POST message/attachment', { ...TEXT, name: 'a.jpg' }, 'Attachment not provided or was empty!'],
  ['POST message/attachment', { chatGuid: GROUP }, 'The name field is required.'],
  [
    'POST message/attachment',
    { ...TEXT, name: 'a.jpg', isAudioMessage: 'on' },
    'The isAudioMessage attribute must be true or false.',
  ],
  ['POST message/react', { ...REACTION, reaction: '🎉' }, 'The selected reaction is invalid.'],
  ['POST message/react', { ...REACTION, reaction: '' }, 'The reaction field is required.'],
  ['POST message/react', REACTION, 'Selected message does not exist!'],
  ['POST message/G/edit', { ...EDIT, editedMessage: ' ' }, 'The editedMessage field is required.'],
  ['POST message/G/edit', { editedMessage: 'x' }, 'The backwardsCompatibilityMessage field is required.'],
  ['POST message/G/unsend', { partIndex: true }, 'The partIndex must be a number.'],
  ['POST chat/new', { addresses: GROUP }, 'The addresses must be an array.'],
  ['POST chat/new', { addresses: [] }, 'The addresses field is required.'],
  ['POST chat/new', { addresses: ['a@b.c'], service: 'RCS' }, 'The selected service is invalid.'],
  [`POST chat/${GROUP}/participant/add`, {}, 'The address field is required.'],
  [`PUT chat/${GROUP}`, { displayName: 7 }, 'The displayName must be a string.'],
])('%s with %j is rejected', async (endpoint, body, problem) => {
  const { url } = await blueBubbles(PRIVATE_API);
  const [method = '', path = ''] = endpoint.split(' ');
  const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams({ password: PASSWORD })}`, {
    method,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  expect([response.status, Object(await response.json()).error]).toEqual([
    400,
    { type: 'Error', message: problem },
  ]);
});
