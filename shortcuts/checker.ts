/**
 * Validates shortcuts. A phone imports a broken shortcut without an error; the shortcut then fails or does nothing at the
 * broken action. The checker knows only the actions of the catalog.
 */
import type { PlistValue } from 'plist';
import { hasForm, nameOf } from './checks/forms.ts';
import type { Problem } from './checks/problem.ts';
import { isDictionary } from './checks/property-list.ts';
import { checkBlocks, checkQuestions, checkVariables } from './checks/references.ts';
import { checkTriggers } from './checks/triggers.ts';
import { ACTIONS } from './format/catalog.ts';
import type { Dictionary } from './format/values.ts';

export function checkShortcut(file: PlistValue): Problem[] {
  const actions = isDictionary(file) ? file.WFWorkflowActions : undefined;
  if (!isDictionary(file) || !Array.isArray(actions)) {
    return [{ kind: 'wrong_file', detail: 'The shortcut has no list WFWorkflowActions.' }];
  }
  const problems = [...checkHead(file)];
  actions.forEach((action, index) => {
    problems.push(...checkAction(action).map((problem) => ({ ...problem, action: index })));
  });
  problems.push(...checkVariables(actions, file), ...checkBlocks(actions), ...checkQuestions(file, actions));
  problems.push(...checkTriggers(file));
  return problems;
}

function checkHead(file: Dictionary): Problem[] {
  const problems: Problem[] = [];
  const expect = (key: string, isValid: boolean, expected: string) => {
    if (!isValid) problems.push({ kind: 'wrong_file', detail: `${key} is not ${expected}.` });
  };
  expect('WFWorkflowClientVersion', typeof file.WFWorkflowClientVersion === 'string', 'a string');
  expect('WFWorkflowMinimumClientVersion', file.WFWorkflowMinimumClientVersion === 900, '900');
  expect(
    'WFWorkflowMinimumClientVersionString',
    file.WFWorkflowMinimumClientVersionString === '900',
    '"900"',
  );
  const icon = file.WFWorkflowIcon;
  const hasIcon =
    isDictionary(icon) &&
    Number.isInteger(icon.WFWorkflowIconStartColor) &&
    Number.isInteger(icon.WFWorkflowIconGlyphNumber);
  expect('WFWorkflowIcon', hasIcon, 'a colour and a glyph');
  for (const key of [
    'WFWorkflowTypes',
    'WFWorkflowInputContentItemClasses',
    'WFWorkflowOutputContentItemClasses',
  ]) {
    const list = file[key];
    expect(key, Array.isArray(list) && list.every((item) => typeof item === 'string'), 'a list of strings');
  }
  return problems;
}

function checkAction(action: PlistValue): Problem[] {
  const identifier = isDictionary(action) ? action.WFWorkflowActionIdentifier : undefined;
  const parameters = isDictionary(action) ? action.WFWorkflowActionParameters : undefined;
  if (typeof identifier !== 'string' || !isDictionary(parameters)) {
    return [{ kind: 'wrong_file', detail: 'The action has no identifier and parameters.' }];
  }
  const rule = Object.hasOwn(ACTIONS, identifier) ? ACTIONS[identifier] : undefined;
  if (rule === undefined)
    return [{ kind: 'unknown_action', detail: `The catalog has no action ${identifier}.` }];
  const problems: Problem[] = [];
  for (const [key, value] of Object.entries(parameters)) {
    const parameter = Object.hasOwn(rule.parameters, key) ? rule.parameters[key] : undefined;
    if (parameter === undefined) {
      problems.push({ kind: 'unknown_parameter', detail: `${identifier} has no parameter ${key}.` });
    } else if (!hasForm(value, parameter.form)) {
      problems.push({
        kind: 'wrong_value',
        detail: `${key} of ${identifier} must be ${nameOf(parameter.form)}.`,
      });
    }
  }
  for (const [key, parameter] of Object.entries(rule.parameters)) {
    if (!Object.hasOwn(parameters, key) && parameter.neededWhen?.(parameters)) {
      problems.push({ kind: 'missing_parameter', detail: `${identifier} needs ${key}.` });
    }
  }
  return problems;
}
