/**
 * Generates instructions to build a shortcut by hand, for owners without a Mac to sign the files: action by action, in
 * the English words of the Shortcuts app. Variables are in brackets. The result of an action is named with the number
 * of its step, since many results have the same name on the screen.
 */
import type { PlistValue } from 'plist';
import { ACTIONS, type ActionRule, BLOCK, type Form } from './format/catalog.ts';
import type { Action, Recipe } from './format/recipe.ts';
import { COERCIONS, type Dictionary } from './format/values.ts';

export interface ManualStep {
  /** Starts at 1. */
  readonly step: number;
  /** Name of the action in the app. */
  readonly action: string;
  /** Number of enclosing blocks. */
  readonly depth: number;
  readonly settings: readonly Setting[];
}

interface Setting {
  readonly name: string;
  readonly value: string;
}

/** Names of types on the screen. */
const TYPES: ReadonlyMap<PlistValue | undefined, string> = new Map([
  [COERCIONS.text, 'Text'],
  [COERCIONS.message, 'Message'],
]);

/** Names of results by action id. */
type Results = ReadonlyMap<string, string>;

export function manualSteps(recipe: Recipe): ManualStep[] {
  const results = new Map<string, string>();
  let depth = 0;
  return recipe.actions.map((action, index) => {
    const { identifier, parameters } = action;
    const rule = ruleOf(identifier);
    const mode = parameters.WFControlFlowMode as number | undefined;
    const step = index + 1;
    if (mode !== undefined && mode !== BLOCK.begin) depth -= 1;
    const here = depth;
    if (mode !== undefined && mode !== BLOCK.end) depth += 1;
    const settings = settingsOf(action, index, recipe, results);
    if (rule.output !== undefined) results.set(parameters.UUID as string, `${rule.output} of step ${step}`);
    return { step, action: rule.names[mode ?? 0] ?? identifier, depth: here, settings };
  });
}

/** The recipes contain only actions of the catalog; the checker verifies that. */
function ruleOf(identifier: string): ActionRule {
  const rule = ACTIONS[identifier];
  if (rule === undefined) throw new Error(`The catalog has no action ${identifier}. Add it to catalog.ts.`);
  return rule;
}

function settingsOf(
  { identifier, parameters }: Action,
  index: number,
  recipe: Recipe,
  results: Results,
): Setting[] {
  return Object.entries(ruleOf(identifier).parameters).flatMap(([key, { title, form }]) => {
    const value = parameters[key];
    if (title === undefined || value === undefined) return [];
    const question = recipe.questions.find(
      ({ actionIndex, parameter }) => actionIndex === index && parameter === key,
    );
    if (question?.defaultAnswer === '') return [{ name: title, value: question.question }];
    return formatParameter(title, value, form, results);
  });
}

function formatParameter(title: string, value: PlistValue, form: Form, results: Results): Setting[] {
  const setting = (text: string) => [{ name: title, value: text }];
  if (typeof form === 'object') return setting(form.choices.get(value as string) ?? String(value));
  switch (form) {
    case 'boolean':
      return setting(value === true ? 'On' : 'Off');
    case 'variable':
      return setting(formatVariable((value as Dictionary).Value as Dictionary, results));
    case 'condition input': {
      const { Variable: variable } = value as Dictionary;
      return setting(formatVariable((variable as Dictionary).Value as Dictionary, results));
    }
    case 'dictionary': {
      const { WFDictionaryFieldValueItems: items } = (value as Dictionary).Value as Dictionary;
      return (items as Dictionary[]).map((item) => ({
        name: `${title}: ${formatText(item.WFKey, results)}`,
        value: formatText(item.WFValue, results),
      }));
    }
    default:
      return setting(formatText(value, results));
  }
}

function formatText(value: PlistValue | undefined, results: Results): string {
  if (typeof value !== 'object') return String(value);
  const { string, attachmentsByRange } = (value as Dictionary).Value as Dictionary;
  const variables = attachmentsByRange as Record<string, Dictionary>;
  return (string as string).replace(/\uFFFC/g, (_, position: number) => {
    const variable = variables[`{${position}, 1}`];
    return variable === undefined ? '' : formatVariable(variable, results);
  });
}

function formatVariable(token: Dictionary, results: Results): string {
  const name =
    token.Type === 'ActionOutput'
      ? results.get(token.OutputUUID as string)
      : token.Type === 'Variable'
        ? token.VariableName
        : 'Shortcut Input';
  const changes = ((token.Aggrandizements ?? []) as Dictionary[]).map((change) =>
    change.Type === 'WFPropertyVariableAggrandizement'
      ? `, ${change.PropertyName}`
      : `, as ${TYPES.get(change.CoercionItemClass)}`,
  );
  return `[${name}${changes.join('')}]`;
}
