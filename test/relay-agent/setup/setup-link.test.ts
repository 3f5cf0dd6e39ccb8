import { describe, expect, it } from 'vitest';
import { readPairingCode } from '../../../relay-agent/setup/setup-link.ts';

describe('the argument of relay pair', () => {
  it.each([
    ['https://broker.example.com/setup-shortcut?token=dev_a-b_c', 'https://broker.example.com'],
    ['https://example.com/homing/setup-shortcut/?token=dev_a-b_c', 'https://example.com/homing'],
    ['  http://127.0.0.1:8080/setup-shortcut?token=dev_a-b_c\n', 'http://127.0.0.1:8080'],
    ['dev_a-b_c', undefined],
  ])('readPairingCode parses %s', (input, url) => {
    expect(readPairingCode(input)).toEqual({ code: 'dev_a-b_c', url });
  });

  it.each([
    'https://broker.example.com/setup-shortcut',
    'https://broker.example.com/other?token=dev_a',
    'ftp://broker.example.com/setup-shortcut?token=dev_a',
    'https://broker.example.com/setup-shortcut?token=tb_live_a',
    '+14155550199',
    '',
  ])('readPairingCode rejects %s', (input) => {
    expect(() => readPairingCode(input)).toThrow('neither a setup link');
  });
});
