import { describe, expect, it } from 'vitest';
import { shortcutRecipes } from '../../shortcuts/build.ts';
import { checkShortcut } from '../../shortcuts/checker.ts';
import type { Problem } from '../../shortcuts/checks/problem.ts';
import { ACTIONS } from '../../shortcuts/format/catalog.ts';
import { shortcutFile } from '../../shortcuts/format/file.ts';
import { contains, writeRecipe } from '../../shortcuts/format/recipe.ts';
import toolkit from '../../shortcuts/format/toolkit.json' with { type: 'json' };
import { chargerConnected, messageContains, notificationOf } from '../../shortcuts/format/triggers.ts';
import { asText, MESSAGES_APP, shortcutInput, text } from '../../shortcuts/format/values.ts';

// biome-ignore lint/suspicious/noExplicitAny: the tests damage the property list in many ways
type Plist = any;

/** Positions of actions in a valid shortcut that contains every kind of action. */
const PLACE = { address: 0, set: 1, comment: 2, contents: 4, value: 5, if: 7, otherwise: 9, endIf: 11 };

function validShortcut(): Plist {
  const about = {
    name: 'Valid',
    icon: { color: 1, glyph: 2 },
    accepts: ['WFStringContentItem'],
    triggers: [messageContains(' '), notificationOf(MESSAGES_APP), chargerConnected],
  };
  const recipe = writeRecipe(about, (steps) => {
    const address = steps.setVariable(
      'Address',
      steps.askedText({ question: 'Where?', placeholder: 'a', defaultAnswer: 'https://example.com' }),
    );
    steps.comment('One');
    const run = steps.randomNumber(1, 9);
    const body = { run: text`${run}` };
    const response = steps.getContents({ url: text`${address}/a`, headers: { A: 'b' }, body });
    const value = steps.getText('result', response);
    steps.when(
      contains(value, 'ok'),
      () => steps.alert({ title: 'A', message: text`${response}`, canCancel: true }),
      () => steps.notification({ title: 'A', body: 'b' }),
    );
    steps.repeat(3, () => {
      steps.when(contains(steps.text(text`${asText(shortcutInput)}`), 'x'), () => steps.stop());
      steps.sendMessage({ to: shortcutInput, content: text`${address}` });
    });
  });
  return structuredClone(shortcutFile(recipe));
}

const at = (file: Plist, place: number): Plist => file.WFWorkflowActions[place].WFWorkflowActionParameters;

const conditionsOf = (file: Plist, trigger: number): Plist =>
  file.WFWorkflowTriggers[trigger].WFTriggerSerializedParameters;

const broken: Array<[string, Problem['kind'], (file: Plist) => void]> = [
  ['has no list of actions', 'wrong_file', (file) => delete file.WFWorkflowActions],
  ['has no icon', 'wrong_file', (file) => delete file.WFWorkflowIcon],
  ['requires another version of iOS', 'wrong_file', (file) => (file.WFWorkflowMinimumClientVersion = 1)],
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
    'has an action with the name of a JavaScript property',
    'unknown_action',
    (file) => (file.WFWorkflowActions[0].WFWorkflowActionIdentifier = 'constructor'),
  ],
  ['has an unknown parameter', 'unknown_parameter', (file) => (at(file, PLACE.comment).WFText = 'a')],
  ['lacks a parameter', 'missing_parameter', (file) => delete at(file, PLACE.comment).WFCommentActionText],
  [
    'sends a POST without a body',
    'missing_parameter',
    (file) => delete at(file, PLACE.contents).WFJSONValues,
  ],
  ['has an If without a condition', 'missing_parameter', (file) => delete at(file, PLACE.if).WFCondition],
  [
    'compares without a text',
    'missing_parameter',
    (file) => delete at(file, PLACE.if).WFConditionalActionString,
  ],
  [
    'does not disable Show When Run',
    'missing_parameter',
    (file) => delete at(file, file.WFWorkflowActions.length - 2).ShowWhenRun,
  ],
  [
    'has a body type in the wrong case',
    'wrong_value',
    (file) => (at(file, PLACE.contents).WFHTTPBodyType = 'Json'),
  ],
  [
    'has a number in place of a text',
    'wrong_value',
    (file) => (at(file, PLACE.address).WFTextActionText = 1),
  ],
  [
    'has a text in place of a variable',
    'wrong_value',
    (file) => (at(file, PLACE.set).WFInput = at(file, PLACE.contents).WFURL),
  ],
  [
    'wraps the input of an If only once',
    'wrong_value',
    (file) => (at(file, PLACE.if).WFInput = at(file, PLACE.if).WFInput.Variable),
  ],
  [
    'has a placeholder without a variable',
    'wrong_value',
    (file) => (at(file, PLACE.contents).WFURL.Value.attachmentsByRange = {}),
  ],
  [
    'has a variable at a wrong position',
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
      (at(file, PLACE.value).WFInput.Value.Aggrandizements = [
        { Type: 'WFCoercionVariableAggrandizement', CoercionItemClass: 'WFBirdContentItem' },
      ]),
  ],
  [
    'reads a property of its input without a conversion',
    'wrong_value',
    (file) =>
      (at(file, file.WFWorkflowActions.length - 2).WFSendMessageActionRecipients.Value.Aggrandizements = [
        { Type: 'WFPropertyVariableAggrandizement', PropertyName: 'Sender' },
      ]),
  ],
  ['has an empty Text action', 'wrong_value', (file) => (at(file, PLACE.address).WFTextActionText = '')],
  [
    'compares a value of a dictionary without a Text action',
    'wrong_value',
    (file) => {
      const { UUID } = at(file, PLACE.value);
      at(file, PLACE.if).WFInput.Variable.Value.OutputUUID = UUID;
    },
  ],
  [
    'sends the result of an action',
    'wrong_value',
    (file) =>
      (at(file, file.WFWorkflowActions.length - 2).WFSendMessageContent = at(
        file,
        PLACE.value + 1,
      ).WFTextActionText),
  ],
  ['has an invalid id', 'wrong_value', (file) => (at(file, PLACE.value).UUID = 'one')],
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
    'uses the result of a missing action',
    'dangling_variable',
    (file) => (at(file, PLACE.value).WFInput.Value.OutputUUID = '00000000-0000-8000-A000-000000000000'),
  ],
  [
    'uses an input that it does not accept',
    'dangling_variable',
    (file) => (file.WFWorkflowHasShortcutInputVariables = false),
  ],
  ['has a block without an end', 'unclosed_block', (file) => file.WFWorkflowActions.splice(PLACE.endIf, 1)],
  ['has a block without a beginning', 'crossed_block', (file) => file.WFWorkflowActions.splice(PLACE.if, 1)],
  [
    'has two Otherwise in one block',
    'crossed_block',
    (file) => file.WFWorkflowActions.splice(PLACE.endIf, 0, file.WFWorkflowActions[PLACE.otherwise]),
  ],
  [
    'has crossing blocks',
    'crossed_block',
    // Moves the end of the Repeat before the end of the If inside it.
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
    'has a question for a missing action',
    'question_points_nowhere',
    (file) => (file.WFWorkflowImportQuestions[0].ActionIndex = 99),
  ],
  [
    'has a question for a missing parameter',
    'question_points_nowhere',
    (file) => (file.WFWorkflowImportQuestions[0].ParameterKey = 'WFURL'),
  ],
  ['has no list of triggers', 'wrong_file', (file) => (file.WFWorkflowTriggers = {})],
  ['has a trigger without an id', 'wrong_file', (file) => delete file.WFWorkflowTriggers[0].WFTriggerUUID],
  [
    'has a trigger that does not exist',
    'unknown_trigger',
    (file) => (file.WFWorkflowTriggers[0].WFTriggerIdentifier = 'WFWishTrigger'),
  ],
  [
    'has a trigger without its condition',
    'missing_parameter',
    (file) => delete file.WFWorkflowTriggers[0].WFTriggerSerializedParameters.WFMessageConditions,
  ],
  [
    'has a trigger with an unknown parameter',
    'unknown_parameter',
    (file) => (file.WFWorkflowTriggers[2].WFTriggerSerializedParameters.WFTime = '8'),
  ],
  [
    'has a message trigger for an empty text',
    'wrong_value',
    (file) =>
      (conditionsOf(file, 0).WFMessageConditions.Value.WFActionParameterFilterTemplates[0].Values.Text = ''),
  ],
  [
    'has a message trigger without a condition',
    'wrong_value',
    (file) => (conditionsOf(file, 0).WFMessageConditions.Value.WFActionParameterFilterTemplates = []),
  ],
  [
    'has a notification trigger without an app',
    'wrong_value',
    (file) => (conditionsOf(file, 1).SelectedApps = []),
  ],
  [
    'has a charger trigger for an unknown event',
    'wrong_value',
    (file) => (conditionsOf(file, 2).WFConnectionType = 'sometimes'),
  ],
  ['has a question without a text', 'wrong_file', (file) => delete file.WFWorkflowImportQuestions[0].Text],
];

describe('the checker', () => {
  it('the checker accepts a valid shortcut', () => {
    expect(checkShortcut(validShortcut())).toEqual([]);
  });

  it.each(shortcutRecipes().map((recipe) => [recipe.name, recipe] as const))(
    'the checker accepts %s',
    (_, recipe) => {
      expect(checkShortcut(shortcutFile(recipe))).toEqual([]);
    },
  );

  it.each(broken)('the checker rejects a shortcut that %s (%s)', (_, kind, damage) => {
    const file = validShortcut();
    damage(file);
    expect(checkShortcut(file).map((problem) => problem.kind)).toContain(kind);
  });

  it('the catalog has a rule for every action and every parameter of ToolKit', () => {
    const missing = Object.entries(toolkit.actions).flatMap(([identifier, { parameters }]) =>
      Object.keys(parameters).filter((key) => ACTIONS[identifier]?.parameters[key] === undefined),
    );
    expect(missing).toEqual([]);
    expect(Object.keys(ACTIONS).filter((identifier) => !Object.hasOwn(toolkit.actions, identifier))).toEqual([
      'is.workflow.actions.conditional',
      'is.workflow.actions.repeat.count',
    ]);
  });

  it('the checker rejects a parameter that ToolKit does not list for the action', () => {
    const file = validShortcut();
    const send = file.WFWorkflowActions.length - 2;
    at(file, send).IntentAppIdentifier = 'com.apple.MobileSMS';
    expect(checkShortcut(file)).toEqual([
      {
        kind: 'unknown_parameter',
        action: send,
        detail: 'is.workflow.actions.sendmessage has no parameter IntentAppIdentifier.',
      },
    ]);
  });

  it('a problem includes the position of its action', () => {
    const file = validShortcut();
    delete at(file, PLACE.comment).WFCommentActionText;
    expect(checkShortcut(file)).toEqual([
      {
        kind: 'missing_parameter',
        action: PLACE.comment,
        detail: 'is.workflow.actions.comment needs WFCommentActionText.',
      },
    ]);
  });

  it.each([null, 'a', [], 1, new Date(0)])(
    'the checker rejects a value that is not a shortcut: %s',
    (value) => {
      expect(checkShortcut(value)).toMatchObject([{ kind: 'wrong_file' }]);
    },
  );
});
