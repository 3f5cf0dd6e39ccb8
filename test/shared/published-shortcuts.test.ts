import { describe, expect, it } from 'vitest';
import { publishedShortcuts } from '../../shared/published-shortcuts.ts';

const TOKEN = `dev_${'a'.repeat(43)}`;
const ICLOUD = 'https://www.icloud.com/shortcuts/0123456789abcdef0123456789abcdef';

describe('the setting HOMING_SHORTCUTS_URL', () => {
  it('the URL of a folder stands for the files of both editions', () => {
    const links = (edition: string) => ({
      send: `https://files.example.com/homing/${edition}/Homing%20Send.shortcut`,
      receive: `https://files.example.com/homing/${edition}/Homing%20Receive.shortcut`,
      check: `https://files.example.com/homing/${edition}/Homing%20Check.shortcut`,
    });
    expect(publishedShortcuts.parse('https://files.example.com/homing/')).toEqual({
      'ios-16': links('ios-16'),
      'ios-27': links('ios-27'),
    });
  });

  it('a JSON object contains one link for each edition and shortcut, and may omit some', () => {
    const links = { 'ios-27': { send: ICLOUD, check: ICLOUD } };
    expect(publishedShortcuts.parse(JSON.stringify(links))).toEqual(links);
  });

  it.each([
    ['is not a URL', 'files.example.com'],
    ['has another protocol', 'ftp://files.example.com'],
    ['contains a password', 'https://user:secret@files.example.com'],
    ['contains a query', 'https://files.example.com/?key=1'],
    ['contains a device token', `https://files.example.com/${TOKEN}`],
    ['is broken JSON', '{"ios-27":'],
    ['names no link', '{"ios-27":{}}'],
    ['names an unknown edition', `{"ios-12":{"send":"${ICLOUD}"}}`],
    ['names an unknown shortcut', `{"ios-27":{"reply":"${ICLOUD}"}}`],
    ['has a link with a device token', `{"ios-27":{"send":"https://example.com/${TOKEN}"}}`],
    ['is too long', `https://files.example.com/${'a'.repeat(9_000)}`],
  ])('a value that %s is invalid', (_, value) => {
    expect(publishedShortcuts.safeParse(value).success).toBe(false);
  });
});
