/** Checks whether a value of a property list has the form of its parameter. */
import type { PlistValue } from 'plist';
import type { Form } from '../format/catalog.ts';
import { COERCIONS, type Dictionary, PLACEHOLDER } from '../format/values.ts';
import { isDictionary } from './property-list.ts';

export function nameOf(form: Form): string {
  return typeof form === 'string' ? `a ${form}` : `one of ${[...form.choices.keys()].join(', ')}`;
}

const PROPERTY = 'WFPropertyVariableAggrandizement';
const UUID = /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/;

export function hasForm(value: PlistValue, form: Form): boolean {
  if (typeof form === 'object') {
    return (typeof value === 'string' || typeof value === 'number') && form.choices.has(value);
  }
  switch (form) {
    case 'string':
      return typeof value === 'string';
    case 'text':
      return (typeof value === 'string' && !value.includes(PLACEHOLDER)) || isTokenText(value);
    case 'filled text':
      return value !== '' && hasForm(value, 'text');
    case 'message text':
      return hasForm(value, 'text') && [...tokensIn(value)].every(({ Type }) => Type === 'Variable');
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

export function isToken(value: PlistValue | undefined): value is Dictionary {
  if (!isDictionary(value)) return false;
  const { Aggrandizements: changes = [] } = value;
  if (!Array.isArray(changes) || !changes.every(isAggrandizement)) return false;
  const [first] = changes;
  // iOS 26 drops a property of the input on import, unless the input is converted first.
  if (value.Type === 'ExtensionInput' && isDictionary(first) && first.Type === PROPERTY) return false;
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
    case PROPERTY:
      return typeof value.PropertyName === 'string';
    default:
      return false;
  }
}

/** Yields the variables in a value. */
export function* tokensIn(value: PlistValue): Generator<Dictionary> {
  if (Array.isArray(value)) for (const item of value) yield* tokensIn(item);
  else if (isToken(value)) yield value;
  else if (isDictionary(value)) for (const item of Object.values(value)) yield* tokensIn(item);
}
