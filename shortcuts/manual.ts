/**
 * The same shortcuts for people to build by hand, where there is no Mac to sign the files: action by action, in the
 * words of the Shortcuts app in English. Variables stand in brackets; the result of an action is named with the
 * number of its step, since many have the same name on the screen.
 */
import type { PlistValue } from 'plist';
import { ACTIONS, BLOCK, type Form } from './format/catalog.ts';
import type { Action, Recipe } from './format/recipe.ts';
import { COERCIONS, type Dictionary } from './format/values.ts';

export interface ManualStep {
  /** From 1. */
  readonly step: number;
  /** As the app calls it. */
  readonly action: string;
  /** How many blocks it stands in. */
  readonly depth: number;
  readonly settings: ReadonlyArray<{ readonly name: string; readonly value: string }>;
}

export function manualSteps(recipe: Recipe): ManualStep[] {
  const results = new Map<string, string>();
  let depth = 0;
  return recipe.actions.map((action, index) => {
    const { identifier, parameters } = action;
    const rule = ACTIONS[identifier]!;
    const mode = parameters.WFControlFlowMode as number | undefined;
    const step = index + 1;
    if (mode !== undefined && mode !== BLOCK.begin) depth -= 1;
    const here = depth;
    if (mode !== undefined && mode !== BLOCK.end) depth += 1;
    const settings = settingsOf(action, index, recipe, results);
    if (rule.output !== undefined) results.set(parameters.UUID as string, `${rule.output} of step ${step}`);
    return { step, action: rule.names[mode ?? 0]!, depth: here, settings };
  });
}

function settingsOf(
  { identifier, parameters }: Action,
  index: number,
  recipe: Recipe,
  results: ReadonlyMap<string, string>,
): ManualStep['settings'] {
  return Object.entries(ACTIONS[identifier]!.parameters).flatMap(([key, { title, form }]) => {
    const value = parameters[key];
    if (title === undefined || value === undefined) return [];
    const question = recipe.questions.find((one) => one.actionIndex === index && one.parameter === key);
    if (question !== undefined && value === '') return [{ name: title, value: question.question }];
    return said(title, value, form, results);
  });
}

function said(
  title: string,
  value: PlistValue,
  form: Form,
  results: ReadonlyMap<string, string>,
): Array<{ name: string; value: string }> {
  const one = (words: string) => [{ name: title, value: words }];
  if (typeof form === 'object') return one(form.choices.get(value as string)!);
  switch (form) {
    case 'boolean':
      return one(value === true ? 'On' : 'Off');
    case 'variable':
      return one(variableSaid((value as Dictionary).Value as Dictionary, results));
    case 'condition input':
      return one(variableSaid(((value as Dictionary).Variable as Dictionary).Value as Dictionary, results));
    case 'dictionary': {
      const { WFDictionaryFieldValueItems: items } = (value as Dictionary).Value as Dictionary;
      return (items as Dictionary[]).map((item) => ({
        name: `${title}: ${textSaid(item.WFKey!, results)}`,
        value: textSaid(item.WFValue!, results),
      }));
    }
    default:
      return one(textSaid(value, results));
  }
}

function textSaid(value: PlistValue, results: ReadonlyMap<string, string>): string {
  if (typeof value !== 'object') return String(value);
  const { string, attachmentsByRange } = (value as Dictionary).Value as Dictionary;
  const variables = attachmentsByRange as Record<string, Dictionary>;
  return (string as string).replace(/\uFFFC/g, (_, place: number) =>
    variableSaid(variables[`{${place}, 1}`]!, results),
  );
}

function variableSaid(token: Dictionary, results: ReadonlyMap<string, string>): string {
  const name =
    token.Type === 'ActionOutput'
      ? results.get(token.OutputUUID as string)
      : token.Type === 'Variable'
        ? token.VariableName
        : 'Shortcut Input';
  const changes = ((token.Aggrandizements ?? []) as Dictionary[]).map((change) =>
    change.Type === 'WFPropertyVariableAggrandizement'
      ? `, ${change.PropertyName}`
      : `, as ${change.CoercionItemClass === COERCIONS.number ? 'Number' : 'Text'}`,
  );
  return `[${name}${changes.join('')}]`;
}
