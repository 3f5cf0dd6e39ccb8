/** Checks the references of a shortcut: variables, blocks and import questions. */
import type { PlistValue } from 'plist';
import { ACTIONS, BLOCK, CONDITION } from '../format/catalog.ts';
import type { Dictionary } from '../format/values.ts';
import { tokensIn } from './forms.ts';
import type { Problem } from './problem.ts';
import { identifierOf, isDictionary, parametersOf } from './property-list.ts';

/** Their results are texts on every version of iOS; a value of a dictionary is not always one. */
const TEXT_ACTIONS: ReadonlySet<string | undefined> = new Set([
  'is.workflow.actions.gettext',
  'is.workflow.actions.detect.text',
]);

/** Variables and results must be set before their use. Branches are not distinguished. */
export function checkVariables(actions: readonly PlistValue[], file: Dictionary): Problem[] {
  const problems: Problem[] = [];
  const names = new Set<PlistValue | undefined>();
  const outputs = new Map<PlistValue | undefined, string | undefined>();
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
    if (parameters.WFCondition === CONDITION.contains) {
      for (const { OutputUUID } of tokensIn(parameters.WFInput ?? '')) {
        if (TEXT_ACTIONS.has(outputs.get(OutputUUID))) continue;
        const detail = 'The input of the comparison is not the result of a text action.';
        problems.push({ kind: 'wrong_value', action: index, detail });
      }
    }
    if (typeof parameters.UUID === 'string') outputs.set(parameters.UUID, identifierOf(action));
    if (identifierOf(action) === 'is.workflow.actions.setvariable') names.add(parameters.WFVariableName);
  });
  return problems;
}

export function checkBlocks(actions: readonly PlistValue[]): Problem[] {
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

export function checkQuestions(file: Dictionary, actions: readonly PlistValue[]): Problem[] {
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
