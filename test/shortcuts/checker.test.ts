import { describe, expect, it } from 'vitest';
import { shortcutRecipes } from '../../shortcuts/build.ts';
import { checkShortcut, type Problem } from '../../shortcuts/checker.ts';
import { shortcutFile } from '../../shortcuts/format/file.ts';
import { contains, isTrue, writeRecipe } from '../../shortcuts/format/recipe.ts';
import { shortcutInput, text } from '../../shortcuts/format/values.ts';

// biome-ignore lint/suspicious/noExplicitAny: tests break it in every way
type Plist = any;

/** Every kind of action, in a shortcut that works; by the places below. */
const PLACE = { address: 0, set: 1, comment: 2, contents: 4, value: 5, if: 6, otherwise: 8, endIf: 10 };

function healthy(): Plist {
  const about = {
    name: 'Healthy',
    icon: { color: 1, glyph: 2 },
    accepts: ['WFStringContentItem'],
  };
  const recipe = writeRecipe(about, (steps) => {
    const address = steps.setVariable('Address', steps.text('https://example.com', 'Where?'));
    steps.comment('One');
    const run = steps.randomNumber(1, 9);
    const body = { run: text`${run}` };
    const answer = steps.getContents({ url: text`${address}/a`, headers: { A: 'b' }, body });
    const value = steps.getValue('ok', answer);
    steps.when(
      isTrue(value),
      () => steps.alert({ title: 'A', message: text`${answer}`, canCancel: true }),
      () => steps.notification({ title: 'A', body: 'b' }),
    );
    steps.repeat(3, () => {
      steps.when(contains(shortcutInput, 'x'), () => steps.stop());
      steps.sendMessage({ to: shortcutInput, content: text`${value}` });
    });
  });
  return structuredClone(shortcutFile(recipe));
}

const at = (file: Plist, place: number): Plist => file.WFWorkflowActions[place].WFWorkflowActionParameters;

const broken: Array<[string, Problem['kind'], (file: Plist) => void]> = [
  ['is no dictionary of actions', 'wrong_file', (file) => delete file.WFWorkflowActions],
  ['has no icon', 'wrong_file', (file) => delete file.WFWorkflowIcon],
  ['asks for another version of iOS', 'wrong_file', (file) => (file.WFWorkflowMinimumClientVersion = 1)],
  [
    'has an action without an identifier',
    'wrong_file',
    (file) => delete file.WFWorkflowActions[0].WFWorkflowActionIdentifier,
  ],
  [
    'has an action that does not exist',
    'unknown_action',
    (file) => (file.WFWorkflowActions[0].WFWorkflowActionIdentifier = 'is.workflow.actions.fly'),
  ],
  [
    'has an action with the name of something of JavaScript',
    'unknown_action',
    (file) => (file.WFWorkflowActions[0].WFWorkflowActionIdentifier = 'constructor'),
  ],
  ['has a parameter too many', 'unknown_parameter', (file) => (at(file, PLACE.comment).WFText = 'a')],
  ['lacks a parameter', 'missing_parameter', (file) => delete at(file, PLACE.comment).WFCommentActionText],
  ['posts without a body', 'missing_parameter', (file) => delete at(file, PLACE.contents).WFJSONValues],
  ['has an If without a condition', 'missing_parameter', (file) => delete at(file, PLACE.if).WFCondition],
  ['compares with no number', 'missing_parameter', (file) => delete at(file, PLACE.if).WFNumberValue],
  [
    'shows a message before it is sent',
    'missing_parameter',
    (file) => delete at(file, file.WFWorkflowActions.length - 2).ShowWhenRun,
  ],
  [
    'names the type of the body in other letters',
    'wrong_value',
    (file) => (at(file, PLACE.contents).WFHTTPBodyType = 'JSON'),
  ],
  ['has a number for a text', 'wrong_value', (file) => (at(file, PLACE.address).WFTextActionText = 1)],
  [
    'has a text for a variable',
    'wrong_value',
    (file) => (at(file, PLACE.set).WFInput = at(file, PLACE.contents).WFURL),
  ],
  [
    'wraps the input of an If once only',
    'wrong_value',
    (file) => (at(file, PLACE.if).WFInput = at(file, PLACE.if).WFInput.Variable),
  ],
  [
    'has a place for a variable and no variable',
    'wrong_value',
    (file) => (at(file, PLACE.contents).WFURL.Value.attachmentsByRange = {}),
  ],
  [
    'has a variable at another place',
    'wrong_value',
    (file) => (at(file, PLACE.contents).WFURL.Value.string = 'https://\uFFFC'),
  ],
  [
    'has a variable of an unknown type',
    'wrong_value',
    (file) => (at(file, PLACE.value).WFInput.Value.Type = 'Wish'),
  ],
  [
    'coerces to an unknown class',
    'wrong_value',
    (file) =>
      (at(file, PLACE.if).WFInput.Variable.Value.Aggrandizements[0].CoercionItemClass = 'WFBirdContentItem'),
  ],
  ['has an id that is none', 'wrong_value', (file) => (at(file, PLACE.value).UUID = 'one')],
  [
    'uses a variable that was never set',
    'dangling_variable',
    (file) => (at(file, PLACE.set).WFVariableName = 'Other'),
  ],
  [
    'uses a variable before it is set',
    'dangling_variable',
    (file) => file.WFWorkflowActions.push(...file.WFWorkflowActions.splice(PLACE.set, 1)),
  ],
  [
    'uses the result of no action',
    'dangling_variable',
    (file) => (at(file, PLACE.value).WFInput.Value.OutputUUID = '00000000-0000-8000-A000-000000000000'),
  ],
  [
    'uses an input that it does not take',
    'dangling_variable',
    (file) => (file.WFWorkflowHasShortcutInputVariables = false),
  ],
  ['has a block without an end', 'unclosed_block', (file) => file.WFWorkflowActions.splice(PLACE.endIf, 1)],
  ['has a block without a beginning', 'crossed_block', (file) => file.WFWorkflowActions.splice(PLACE.if, 1)],
  [
    'has an Otherwise twice',
    'crossed_block',
    (file) => file.WFWorkflowActions.splice(PLACE.endIf, 0, file.WFWorkflowActions[PLACE.otherwise]),
  ],
  [
    'has blocks that cross',
    'crossed_block',
    // The end of the repeat goes in front of the end of the If inside it.
    (file) => {
      const list: Plist[] = file.WFWorkflowActions;
      const inner = list.findLastIndex(
        (one) =>
          one.WFWorkflowActionIdentifier.endsWith('conditional') &&
          one.WFWorkflowActionParameters.WFControlFlowMode === 2,
      );
      list.splice(inner, 0, list.pop());
    },
  ],
  [
    'asks for the parameter of no action',
    'question_points_nowhere',
    (file) => (file.WFWorkflowImportQuestions[0].ActionIndex = 99),
  ],
  [
    'asks for a parameter that the action does not have',
    'question_points_nowhere',
    (file) => (file.WFWorkflowImportQuestions[0].ParameterKey = 'WFURL'),
  ],
  ['asks without words', 'wrong_file', (file) => delete file.WFWorkflowImportQuestions[0].Text],
];

describe('the checker', () => {
  it('finds nothing in a shortcut that works', () => {
    expect(checkShortcut(healthy())).toEqual([]);
  });

  it.each(shortcutRecipes().map((recipe) => [recipe.name, recipe] as const))('passes %s', (_, recipe) => {
    expect(checkShortcut(shortcutFile(recipe))).toEqual([]);
  });

  it.each(broken)('refuses a shortcut that %s (%s)', (_, kind, damage) => {
    const file = healthy();
    damage(file);
    expect(checkShortcut(file).map((problem) => problem.kind)).toContain(kind);
  });

  it('says which action is concerned', () => {
    const file = healthy();
    delete at(file, PLACE.comment).WFCommentActionText;
    expect(checkShortcut(file)).toEqual([
      {
        kind: 'missing_parameter',
        action: PLACE.comment,
        detail: 'is.workflow.actions.comment needs WFCommentActionText.',
      },
    ]);
  });

  it.each([null, 'a', [], 1, new Date(0)])('refuses what is no shortcut at all: %s', (value) => {
    expect(checkShortcut(value)).toMatchObject([{ kind: 'wrong_file' }]);
  });
});
