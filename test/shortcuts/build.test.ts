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
  it('are three, named as they will be called on the phone', () => {
    expect(buildShortcuts({ url }).map(({ name, fileName }) => [name, fileName])).toEqual([
      ['Homing Send', 'Homing Send.shortcut'],
      ['Homing Receive', 'Homing Receive.shortcut'],
      ['Homing Check', 'Homing Check.shortcut'],
    ]);
  });

  it('have the same bytes whenever they are built from the same address and token', () => {
    const once = buildShortcuts({ url, token: 'dev_1' });
    const again = buildShortcuts({ url, token: 'dev_1' });
    expect(again).toEqual(once);
    expect(buildShortcuts({ url, token: 'dev_2' })[0]!.bytes).not.toEqual(once[0]!.bytes);
  });

  it.each(['Homing Send', 'Homing Receive', 'Homing Check'])('%s is read alike by two libraries', (name) => {
    const recipe = shortcutRecipes({ url: `${url}/ü🙂`, token: 'dev_1' }).find((one) => one.name === name)!;
    const { bytes } = buildShortcut(recipe);
    expect(parseBuffer(Buffer.from(bytes))[0]).toEqual(shortcutFile(recipe));
    expect(parseBinary(bytes)).toEqual(shortcutFile(recipe));
  });

  it('ask for the address and the token on import, and suggest what is known', () => {
    const questions = (connection: { url: string; token?: string }) =>
      shortcutRecipes(connection).map((recipe) =>
        recipe.questions.map(({ actionIndex, defaultAnswer }) => [
          recipe.actions[actionIndex]!.identifier,
          defaultAnswer,
        ]),
      );
    const asked = (address: string, token: string) => [
      ['is.workflow.actions.gettext', address],
      ['is.workflow.actions.gettext', token],
    ];
    expect(questions({ url: `${url}/` })).toEqual([asked(url, ''), asked(url, ''), asked(url, '')]);
    expect(questions({ url, token: 'dev_1' })[0]).toEqual(asked(url, 'dev_1'));
  });

  it('give every result and every block an id of its own', () => {
    for (const recipe of shortcutRecipes()) {
      const results = recipe.actions.flatMap(({ parameters }) => parameters.UUID ?? []);
      expect(new Set(results).size).toBe(results.length);
      const blocks = recipe.actions.filter(({ parameters }) => parameters.WFControlFlowMode === 0);
      expect(new Set(blocks.map(({ parameters }) => parameters.GroupingIdentifier)).size).toBe(blocks.length);
    }
  });

  it('count places of variables in UTF-16 units, as Shortcuts does', () => {
    const recipe = writeRecipe({ name: 'One', icon }, (steps) => {
      const name = steps.text('Ann');
      steps.text(text`🙂${name}`);
    });
    expect(recipe.actions[1]!.parameters.WFTextActionText).toMatchObject({
      Value: { string: '🙂\uFFFC', attachmentsByRange: { '{2, 1}': { Type: 'ActionOutput' } } },
    });
  });

  it('are refused when their recipe is broken', () => {
    const recipe = writeRecipe({ name: 'One', icon }, (steps) => {
      steps.text(text`${{ source: { kind: 'named', name: 'Nobody' } }}`);
    });
    expect(() => buildShortcut(recipe)).toThrow(BrokenShortcutError);
    expect(() => buildShortcut(recipe)).toThrow('The variable Nobody is not set above.');
  });

  it('hold no text with the character that stands for variables', () => {
    const write = () => writeRecipe({ name: 'One', icon }, (steps) => void steps.text(text`a\uFFFC`));
    expect(write).toThrow('U+FFFC');
  });
});
