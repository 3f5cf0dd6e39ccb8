import { parseBuffer } from 'bplist-parser';
import { parseBinary } from 'plist';
import { describe, expect, it } from 'vitest';
import { EDITIONS, type Edition } from '../../shared/shortcut-editions.ts';
import {
  BrokenShortcutError,
  buildShortcut,
  buildShortcuts,
  shortcutRecipes,
} from '../../shortcuts/build.ts';
import { checkShortcut } from '../../shortcuts/checker.ts';
import { shortcutFile } from '../../shortcuts/format/file.ts';
import { writeRecipe } from '../../shortcuts/format/recipe.ts';
import { text } from '../../shortcuts/format/values.ts';

const url = 'https://homing.example.com';
const icon = { color: 1, glyph: 1 };

describe('the files of the shortcuts', () => {
  it('buildShortcuts creates three files with the names of the shortcuts on the phone', () => {
    expect(buildShortcuts({ url }).map(({ name, fileName }) => [name, fileName])).toEqual([
      ['Homing Send', 'Homing Send.shortcut'],
      ['Homing Receive', 'Homing Receive.shortcut'],
      ['Homing Check', 'Homing Check.shortcut'],
    ]);
  });

  it('buildShortcuts returns the same bytes for the same address and token', () => {
    const once = buildShortcuts({ url, token: 'dev_1' });
    const again = buildShortcuts({ url, token: 'dev_1' });
    expect(again).toEqual(once);
    expect(buildShortcuts({ url, token: 'dev_2' })[0]!.bytes).not.toEqual(once[0]!.bytes);
  });

  it.each(
    EDITIONS.flatMap((edition) =>
      ['Homing Send', 'Homing Receive', 'Homing Check'].map((name) => [name, edition] as const),
    ),
  )('two libraries read the same content of %s for %s, which the checker accepts', (name, edition) => {
    const recipe = shortcutRecipes({ url: `${url}/ü🙂`, token: 'dev_1' }, edition).find(
      (one) => one.name === name,
    )!;
    const { bytes } = buildShortcut(recipe);
    expect(parseBuffer(Buffer.from(bytes))[0]).toEqual(shortcutFile(recipe));
    expect(parseBinary(bytes)).toEqual(shortcutFile(recipe));
    expect(checkShortcut(parseBinary(bytes))).toEqual([]);
  });

  it('only the edition for iOS 27 contains triggers and stored content', () => {
    const content = (edition: Edition) =>
      shortcutRecipes({ url }, edition).map((recipe) => [
        recipe.triggers.map(({ identifier }) => identifier),
        recipe.actions.filter(({ identifier }) => identifier.endsWith('storedcontent')).length,
      ]);
    const none = [[], 0];
    expect(content('ios-16')).toEqual([none, none, none]);
    expect(content('ios-27')).toEqual([
      [['WFNotificationTrigger', 'WFPlugInTrigger'], 6],
      [Array(7).fill('WFMessageTrigger'), 0],
      none,
    ]);
    expect(shortcutFile(shortcutRecipes({ url })[0]!)).not.toHaveProperty('WFWorkflowTriggers');
  });

  it('import questions ask for address and token, with known values as defaults', () => {
    const questions = (connection: { url: string; token?: string }) =>
      shortcutRecipes(connection).map((recipe) =>
        recipe.questions.map(({ actionIndex, defaultAnswer }) => [
          recipe.actions[actionIndex]!.identifier,
          defaultAnswer,
        ]),
      );
    const expected = (address: string, token: string) => [
      ['is.workflow.actions.gettext', address],
      ['is.workflow.actions.gettext', token],
    ];
    expect(questions({ url: `${url}/` })).toEqual([expected(url, ''), expected(url, ''), expected(url, '')]);
    expect(questions({ url, token: 'dev_1' })[0]).toEqual(expected(url, 'dev_1'));
  });

  it('every result and every block has a unique id', () => {
    for (const recipe of shortcutRecipes()) {
      const results = recipe.actions.flatMap(({ parameters }) => parameters.UUID ?? []);
      expect(new Set(results).size).toBe(results.length);
      const blocks = recipe.actions.filter(({ parameters }) => parameters.WFControlFlowMode === 0);
      expect(new Set(blocks.map(({ parameters }) => parameters.GroupingIdentifier)).size).toBe(blocks.length);
    }
  });

  it('positions of variables count UTF-16 units', () => {
    const recipe = writeRecipe({ name: 'One', icon }, (steps) => {
      const name = steps.text('Ann');
      steps.text(text`🙂${name}`);
    });
    expect(recipe.actions[1]!.parameters.WFTextActionText).toMatchObject({
      Value: { string: '🙂\uFFFC', attachmentsByRange: { '{2, 1}': { Type: 'ActionOutput' } } },
    });
  });

  it('a broken recipe throws BrokenShortcutError', () => {
    const recipe = writeRecipe({ name: 'One', icon }, (steps) => {
      steps.text(text`${{ source: { kind: 'named', name: 'Missing' } }}`);
    });
    expect(() => buildShortcut(recipe)).toThrow(BrokenShortcutError);
    expect(() => buildShortcut(recipe)).toThrow('The variable Missing is not set before this action.');
  });

  it('a text with the placeholder of variables is rejected', () => {
    const write = () => writeRecipe({ name: 'One', icon }, (steps) => void steps.text(text`a\uFFFC`));
    expect(write).toThrow('U+FFFC');
  });
});
