import { parseBuffer } from 'bplist-parser';
import { parseBinary } from 'plist';
import { describe, expect, it } from 'vitest';
import {
  BrokenShortcutError,
  buildShortcut,
  buildShortcuts,
  shortcutRecipes,
} from '../../shortcuts/build.ts';
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

  it.each(['Homing Send', 'Homing Receive', 'Homing Check'])(
    'two libraries read the same content of %s',
    (name) => {
      const recipe = shortcutRecipes({ url: `${url}/ü🙂`, token: 'dev_1' }).find((one) => one.name === name)!;
      const { bytes } = buildShortcut(recipe);
      expect(parseBuffer(Buffer.from(bytes))[0]).toEqual(shortcutFile(recipe));
      expect(parseBinary(bytes)).toEqual(shortcutFile(recipe));
    },
  );

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
