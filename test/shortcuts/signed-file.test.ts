import { build, buildBinary } from 'plist';
import { describe, expect, it } from 'vitest';
import { buildShortcuts, shortcutRecipes } from '../../shortcuts/build.ts';
import { shortcutFile } from '../../shortcuts/format/file.ts';
import { lostParts } from '../../shortcuts/signed-file.ts';

const [unsigned] = buildShortcuts({}, 'ios-27');
// biome-ignore lint/suspicious/noExplicitAny: the tests damage the property list
const file = (): any => structuredClone(shortcutFile(shortcutRecipes({}, 'ios-27')[0]!));

describe('the comparison of a shortcut with its signed file', () => {
  it.each([
    ['a binary property list', buildBinary(file())],
    ['an XML property list', Buffer.from(build(file()))],
    ['additional keys', buildBinary({ ...file(), WFWorkflowName: 'Homing Send' })],
  ])('finds no loss in %s', (_, unpacked) => {
    expect(lostParts(unsigned!.bytes, unpacked)).toBeUndefined();
  });

  // biome-ignore lint/suspicious/noExplicitAny: the tests damage the property list
  it.each<[string, (content: any) => void, string]>([
    ['all triggers', (content) => delete content.WFWorkflowTriggers, 'Signing kept 0 of 2 triggers.'],
    ['one trigger', (content) => content.WFWorkflowTriggers.pop(), 'Signing kept 1 of 2 triggers.'],
    [
      'a parameter of a trigger',
      (content) => delete content.WFWorkflowTriggers[0].WFTriggerSerializedParameters.SelectedApps,
      'Signing kept 2 of 2 triggers.',
    ],
    [
      'an action',
      (content) => content.WFWorkflowActions.splice(3, 1),
      /Signing kept \d+ of \d+ actions/.source,
    ],
    [
      'the import questions',
      (content) => delete content.WFWorkflowImportQuestions,
      'kept 0 of 2 import questions',
    ],
  ])('reports the loss of %s', (_, damage, expected) => {
    const content = file();
    damage(content);
    expect(lostParts(unsigned!.bytes, buildBinary(content))).toMatch(new RegExp(expected));
  });

  it('reports a file without a shortcut', () => {
    for (const unpacked of [new Uint8Array(), Buffer.from('nonsense'), Buffer.from('bplist00')]) {
      expect(lostParts(unsigned!.bytes, unpacked)).toBe('The signed file contains no shortcut.');
    }
  });
});
