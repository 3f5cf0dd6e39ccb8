/** Reads parts of a property list of unknown content. */
import type { PlistValue } from 'plist';
import type { Dictionary } from '../format/values.ts';

export function identifierOf(action: PlistValue): string | undefined {
  const identifier = isDictionary(action) ? action.WFWorkflowActionIdentifier : undefined;
  return typeof identifier === 'string' ? identifier : undefined;
}

export function parametersOf(action: PlistValue): Dictionary {
  const parameters = isDictionary(action) ? action.WFWorkflowActionParameters : undefined;
  return isDictionary(parameters) ? parameters : {};
}

export function isDictionary(value: PlistValue | undefined): value is Dictionary {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Uint8Array)
  );
}
