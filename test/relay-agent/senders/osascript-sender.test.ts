/** Tests the scripts for osascript with a program that records its input and its arguments. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { osascriptSender } from '../../../relay-agent/senders/osascript-sender.ts';
import { sendingTo } from '../../support/fake-mac/sendings.ts';

describe('the AppleScript sender', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'homing-osascript-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const program = (script: string) => {
    const file = join(folder, 'osascript');
    const lines = [
      '#!/bin/sh',
      `cat > '${folder}/script'`,
      `printf '%s\\n' "$@" > '${folder}/arguments'`,
      script,
    ];
    writeFileSync(file, lines.join('\n'), { mode: 0o755 });
    return file;
  };
  const recorded = (name: string) => readFileSync(join(folder, name), 'utf8');

  it('a group is addressed as a chat, and one recipient as a participant', async () => {
    const sender = osascriptSender(program('exit 0'));
    const content = { kind: 'text', text: 'hi' } as const;
    expect(await sender.send(sendingTo('iMessage;+;chat1', content))).toEqual({
      kind: 'accepted',
    });
    expect(recorded('script')).toContain('send body to chat id recipient');
    expect(recorded('arguments')).toBe('-\niMessage;+;chat1\nhi\niMessage\n');
    await sender.send(sendingTo('+14155550100', content, { service: 'sms' }));
    expect(recorded('script')).toContain('send body to participant recipient of sendingAccount');
    expect(recorded('arguments')).toBe('-\n+14155550100\nhi\nSMS\n');
  });

  it('a file is sent by its path', async () => {
    const sender = osascriptSender(program('exit 0'));
    await sender.send(sendingTo('+14155550100', { kind: 'file', path: '/a b/c.png' }));
    expect(recorded('script')).toContain('send (POSIX file body) to participant');
    expect(recorded('arguments')).toBe('-\n+14155550100\n/a b/c.png\niMessage\n');
  });

  it.each([
    ['Messages got an error: Can’t get account 1 whose service type = SMS. (-1719)', 'rejected'],
    ['Messages got an error: Can’t get participant id "x". (-1728)', 'unknown'],
    ['Not authorized to send Apple events to Messages. (-1743)', 'rejected'],
  ])('the error "%s" has the outcome %s', async (stderr, kind) => {
    const sender = osascriptSender(program(`echo '${stderr}' >&2; exit 1`));
    const content = { kind: 'text', text: 'hi' } as const;
    expect(await sender.send(sendingTo('+14155550100', content, { service: 'sms' }))).toMatchObject({ kind });
  });

  it.each(['any;+;chat1', 'iMessage;+;chat1'])(
    'a group that Messages does not find by %s is addressed with the other prefix',
    async (chat) => {
      const other = chat.startsWith('any') ? 'iMessage;+;chat1' : 'any;+;chat1';
      const notFound = 'Messages got an error: Can’t get chat id. (-1728)';
      const sending = sendingTo(chat, { kind: 'text', text: 'hi' });
      const found = osascriptSender(program(`[ "$2" = '${other}' ] || { echo '${notFound}' >&2; exit 1; }`));
      expect(await found.send(sending)).toEqual({ kind: 'accepted', chat: other });
      const missing = osascriptSender(program(`echo '${notFound}' >&2; exit 1`));
      expect(await missing.send(sending)).toMatchObject({
        kind: 'rejected',
        code: 'device_error',
        problem: expect.stringContaining('-1728'),
      });
    },
  );

  it('the send is retried after Messages has started', async () => {
    const once = `[ -e '${folder}/started' ] && exit 0; touch '${folder}/started'; echo "isn't running. (-600)" >&2; exit 1`;
    const content = { kind: 'text', text: 'hi' } as const;
    const sender = osascriptSender(program(once));
    expect(await sender.send(sendingTo('+14155550100', content))).toEqual({
      kind: 'accepted',
    });
    expect(recorded('script')).toContain('launch application "Messages"');
  });

  it('two messages at the same time are both sent with the older class names', async () => {
    const file = join(folder, 'older');
    const lines = [
      '#!/bin/sh',
      'grep -q buddy && { [ "$3" = first ] && exit 0; sleep 0.1; exit 0; }',
      // The first message learns the older class names while the script of the second one is still running.
      '[ "$3" = second ] && sleep 0.5',
      'echo "31:42: syntax error (-2741)" >&2; exit 1',
    ];
    writeFileSync(file, lines.join('\n'), { mode: 0o755 });
    const sender = osascriptSender(file);
    const outcomes = await Promise.all(
      ['first', 'second'].map((text) => sender.send(sendingTo('+14155550100', { kind: 'text', text }))),
    );
    expect(outcomes).toEqual([{ kind: 'accepted' }, { kind: 'accepted' }]);
  });

  it('a missing osascript is a rejection, and a killed osascript has an unknown outcome', async () => {
    const content = { kind: 'text', text: 'hi' } as const;
    const sending = sendingTo('+14155550100', content);
    const missing = await osascriptSender(join(folder, 'missing')).send(sending);
    expect(missing).toMatchObject({ kind: 'rejected', code: 'device_error' });
    const slow = await osascriptSender(program('exec sleep 60'), 300).send(sending);
    expect(slow).toEqual({ kind: 'unknown', problem: 'osascript was killed by SIGKILL' });
  });
});
