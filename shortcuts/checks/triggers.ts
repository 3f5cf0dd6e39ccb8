/**
 * Checks the automations of a shortcut file. iOS drops a trigger that lacks a parameter, without an error. ToolKit lists
 * the triggers; a file contains some of their parameters in another form.
 */
import type { PlistValue } from 'plist';
import toolkit from '../format/toolkit.json' with { type: 'json' };
import type { Dictionary } from '../format/values.ts';
import { hasForm } from './forms.ts';
import type { Problem } from './problem.ts';
import { isDictionary } from './property-list.ts';

/** Names of the classes, such as WFMessageTrigger of com.apple.shortcuts.WFMessageTrigger.contains. */
const CLASSES: ReadonlySet<string | undefined> = new Set(
  Object.keys(toolkit.triggers).map((identifier) => identifier.split('.').at(-2)),
);

type Rule = (value: PlistValue) => boolean;

const SERIALIZED: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  WFMessageTrigger: { WFMessageConditions: (value) => isConditions(value, 1) },
  WFNotificationTrigger: {
    SelectedApps: (value) =>
      Array.isArray(value) && value.length > 0 && value.every((app) => hasForm(app, 'app')),
    Conditions: (value) => isConditions(value, 0),
  },
  WFPlugInTrigger: {
    WFConnectionType: (value) => ['connect', 'disconnect', 'both'].includes(value as string),
  },
};

export function checkTriggers({ WFWorkflowTriggers: triggers = [] }: Dictionary): Problem[] {
  if (!Array.isArray(triggers)) {
    return [{ kind: 'wrong_file', detail: 'WFWorkflowTriggers is not a list.' }];
  }
  return triggers.flatMap(checkTrigger);
}

function checkTrigger(trigger: PlistValue): Problem[] {
  const {
    WFTriggerIdentifier: identifier,
    WFTriggerUUID: id,
    WFTriggerSerializedParameters: parameters,
  } = isDictionary(trigger) ? trigger : {};
  if (typeof identifier !== 'string' || id === undefined || !hasForm(id, 'id') || !isDictionary(parameters)) {
    return [{ kind: 'wrong_file', detail: 'A trigger has no identifier, id or parameters.' }];
  }
  const rules = Object.hasOwn(SERIALIZED, identifier) ? SERIALIZED[identifier] : undefined;
  if (rules === undefined || !CLASSES.has(identifier)) {
    return [{ kind: 'unknown_trigger', detail: `The catalog has no trigger ${identifier}.` }];
  }
  const problems: Problem[] = [];
  for (const [key, value] of Object.entries(parameters)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) {
      problems.push({ kind: 'unknown_parameter', detail: `${identifier} has no parameter ${key}.` });
    } else if (!rule(value)) {
      problems.push({ kind: 'wrong_value', detail: `${key} of ${identifier} has an invalid value.` });
    }
  }
  for (const key of Object.keys(rules)) {
    if (Object.hasOwn(parameters, key)) continue;
    problems.push({ kind: 'missing_parameter', detail: `${identifier} needs ${key}.` });
  }
  return problems;
}

/** `least`: minimum number of conditions. */
function isConditions(value: PlistValue, least: number): boolean {
  if (!isDictionary(value) || value.WFSerializationType !== 'WFContentPredicateTableTemplate') return false;
  const { Value: table } = value;
  if (!isDictionary(table) || table.WFActionParameterFilterPrefix !== 1) return false;
  const { WFActionParameterFilterTemplates: templates } = table;
  return Array.isArray(templates) && templates.length >= least && templates.every(isTemplate);
}

function isTemplate(template: PlistValue): boolean {
  if (!isDictionary(template) || typeof template.Operator !== 'number') return false;
  const { Property: property, Values: values } = template;
  return (
    typeof property === 'string' &&
    isDictionary(values) &&
    typeof values.Text === 'string' &&
    values.Text !== ''
  );
}
