/**
 * Validates shortcuts. A phone imports a broken shortcut without an error; the shortcut then fails or does nothing at the
 * broken action. The checker knows only the actions of the catalog.
 */
import type { PlistValue } from 'plist';
import { ACTIONS, BLOCK, type Form } from './format/catalog.ts';
import { COERCIONS, type Dictionary, PLACEHOLDER } from './format/values.ts';

export interface Problem {
  readonly kind:
    | 'wrong_file'
    | 'unknown_action'
    | 'unknown_parameter'
    | 'missing_parameter'
    | 'wrong_value'
    | 'dangling_variable'
    | 'unclosed_block'
    | 'crossed_block'
    | 'question_points_nowhere';
  /** Index of the action. */
  readonly action?: number;
  readonly detail: string;
}

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

function nameOf(form: Form): string {
  return typeof form === 'string' ? `a ${form}` : `one of ${[...form.choices.keys()].join(', ')}`;
}

const UUID = /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/;

function hasForm(value: PlistValue, form: Form): boolean {
  if (typeof form === 'object') {
    return (typeof value === 'string' || typeof value === 'number') && form.choices.has(value);
  }
  switch (form) {
    case 'string':
      return typeof value === 'string';
    case 'text':
      return (typeof value === 'string' && !value.includes(PLACEHOLDER)) || isTokenText(value);
    case 'token text':
      return isTokenText(value);
    case 'variable':
      return isAttachment(value);
    case 'condition input':
      return isDictionary(value) && value.Type === 'Variable' && isAttachment(value.Variable);
    case 'dictionary':
      return isDictionaryField(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'number text':
      return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'id':
      return typeof value === 'string' && UUID.test(value);
    case 'app':
      return (
        isDictionary(value) &&
        ['BundleIdentifier', 'Name', 'TeamIdentifier'].every((key) => typeof value[key] === 'string')
      );
  }
}

function isAttachment(value: PlistValue | undefined): boolean {
  return isDictionary(value) && value.WFSerializationType === 'WFTextTokenAttachment' && isToken(value.Value);
}

/** Returns true if each placeholder U+FFFC has a variable, and each variable has a placeholder. */
function isTokenText(value: PlistValue | undefined): boolean {
  if (!isDictionary(value) || value.WFSerializationType !== 'WFTextTokenString') return false;
  if (!isDictionary(value.Value) || typeof value.Value.string !== 'string') return false;
  const attachments = value.Value.attachmentsByRange ?? {};
  if (!isDictionary(attachments) || !Object.values(attachments).every(isToken)) return false;
  const ranges = [...value.Value.string.matchAll(/\uFFFC/g)].map(({ index }) => `{${index}, 1}`);
  return (
    ranges.length === Object.keys(attachments).length &&
    ranges.every((range) => Object.hasOwn(attachments, range))
  );
}

function isDictionaryField(value: PlistValue): boolean {
  if (!isDictionary(value) || value.WFSerializationType !== 'WFDictionaryFieldValue') return false;
  const items = isDictionary(value.Value) ? value.Value.WFDictionaryFieldValueItems : undefined;
  return (
    Array.isArray(items) &&
    items.every(
      (item) =>
        isDictionary(item) && item.WFItemType === 0 && isTokenText(item.WFKey) && isTokenText(item.WFValue),
    )
  );
}

function isToken(value: PlistValue | undefined): value is Dictionary {
  if (!isDictionary(value)) return false;
  const { Aggrandizements: changes = [] } = value;
  if (!Array.isArray(changes) || !changes.every(isAggrandizement)) return false;
  switch (value.Type) {
    case 'ActionOutput':
      return typeof value.OutputUUID === 'string' && typeof value.OutputName === 'string';
    case 'Variable':
      return typeof value.VariableName === 'string';
    case 'ExtensionInput':
      return true;
    default:
      return false;
  }
}

function isAggrandizement(value: PlistValue): boolean {
  if (!isDictionary(value)) return false;
  switch (value.Type) {
    case 'WFCoercionVariableAggrandizement':
      return Object.values<PlistValue | undefined>(COERCIONS).includes(value.CoercionItemClass);
    case 'WFPropertyVariableAggrandizement':
      return typeof value.PropertyName === 'string';
    default:
      return false;
  }
}

/** Variables and results must be set before their use. Branches are not distinguished. */
function checkVariables(actions: readonly PlistValue[], file: Dictionary): Problem[] {
  const problems: Problem[] = [];
  const names = new Set<PlistValue | undefined>();
  const outputs = new Set<PlistValue | undefined>();
  actions.forEach((action, index) => {
    const parameters = parametersOf(action);
    for (const token of tokensIn(parameters)) {
      const dangling = (detail: string) =>
        problems.push({ kind: 'dangling_variable', action: index, detail });
      if (token.Type === 'Variable' && !names.has(token.VariableName)) {
        dangling(`The variable ${token.VariableName} is not set before this action.`);
      } else if (token.Type === 'ActionOutput' && !outputs.has(token.OutputUUID)) {
        dangling(`No earlier action has the result ${token.OutputName} (${token.OutputUUID}).`);
      } else if (token.Type === 'ExtensionInput' && file.WFWorkflowHasShortcutInputVariables !== true) {
        dangling('The shortcut accepts no input.');
      }
    }
    if (typeof parameters.UUID === 'string') outputs.add(parameters.UUID);
    if (identifierOf(action) === 'is.workflow.actions.setvariable') names.add(parameters.WFVariableName);
  });
  return problems;
}

function* tokensIn(value: PlistValue): Generator<Dictionary> {
  if (Array.isArray(value)) for (const item of value) yield* tokensIn(item);
  else if (isToken(value)) yield value;
  else if (isDictionary(value)) for (const item of Object.values(value)) yield* tokensIn(item);
}

function checkBlocks(actions: readonly PlistValue[]): Problem[] {
  const problems: Problem[] = [];
  const open: Array<{ kind: PlistValue; group: PlistValue; index: number; otherwise: boolean }> = [];
  actions.forEach((action, index) => {
    const kind = identifierOf(action);
    const { GroupingIdentifier: group, WFControlFlowMode: mode } = parametersOf(action);
    if (kind === undefined || group === undefined || mode === undefined) return;
    if (mode === BLOCK.begin) {
      open.push({ kind, group, index, otherwise: false });
      return;
    }
    const innermost = open.at(-1);
    const fits = innermost !== undefined && innermost.group === group && innermost.kind === kind;
    const hasMiddle = ACTIONS[kind]?.names[BLOCK.otherwise] !== undefined;
    if (!fits || (mode === BLOCK.otherwise && (innermost.otherwise || !hasMiddle))) {
      const detail = 'The action does not belong to the innermost open block.';
      problems.push({ kind: 'crossed_block', action: index, detail });
    }
    if (mode === BLOCK.otherwise && fits) innermost.otherwise = true;
    if (mode === BLOCK.end) {
      const ended = open.findLastIndex((block) => block.group === group);
      if (ended >= 0) open.splice(ended, 1);
    }
  });
  for (const { index } of open) {
    problems.push({ kind: 'unclosed_block', action: index, detail: 'The block has no end.' });
  }
  return problems;
}

function checkQuestions(file: Dictionary, actions: readonly PlistValue[]): Problem[] {
  const questions = file.WFWorkflowImportQuestions;
  if (!Array.isArray(questions)) {
    return [{ kind: 'wrong_file', detail: 'WFWorkflowImportQuestions is not a list.' }];
  }
  return questions.flatMap((question): Problem[] => {
    if (
      !isDictionary(question) ||
      question.Category !== 'Parameter' ||
      typeof question.Text !== 'string' ||
      typeof question.DefaultValue !== 'string'
    ) {
      return [{ kind: 'wrong_file', detail: 'An import question has no category, text or default.' }];
    }
    const { ActionIndex: index, ParameterKey: key } = question;
    const target = typeof index === 'number' ? actions[index] : undefined;
    if (target !== undefined && typeof key === 'string' && typeof parametersOf(target)[key] === 'string')
      return [];
    const detail = `The question "${question.Text}" sets ${key} of action ${index}, which has no such plain text.`;
    return [{ kind: 'question_points_nowhere', detail }];
  });
}

function identifierOf(action: PlistValue): string | undefined {
  const identifier = isDictionary(action) ? action.WFWorkflowActionIdentifier : undefined;
  return typeof identifier === 'string' ? identifier : undefined;
}

function parametersOf(action: PlistValue): Dictionary {
  const parameters = isDictionary(action) ? action.WFWorkflowActionParameters : undefined;
  return isDictionary(parameters) ? parameters : {};
}

function isDictionary(value: PlistValue | undefined): value is Dictionary {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array)
  );
}
