/** Reads parameters of a property list and substitutes variables. */
import { type Content, coerce, hasValue, propertyOf, toText } from './content.ts';

// biome-ignore lint/suspicious/noExplicitAny: a property list of unknown form
export type Plist = any;

export interface Memory {
  readonly named: Map<string, Content>;
  readonly outputs: Map<string, Content>;
  readonly input: Content;
}

/** Unset variables have no value, as on the phone. */
function readToken(token: Plist, memory: Memory): Content {
  let content: Content;
  switch (token.Type) {
    case 'ActionOutput':
      content = memory.outputs.get(token.OutputUUID) ?? [];
      break;
    case 'Variable':
      content = memory.named.get(token.VariableName) ?? [];
      break;
    case 'ExtensionInput':
      content = memory.input;
      break;
    default:
      throw new Error(`The simulator does not know variables of the type ${token.Type}.`);
  }
  for (const [place, change] of (token.Aggrandizements ?? []).entries()) {
    switch (change.Type) {
      case 'WFPropertyVariableAggrandizement':
        // iOS 26 drops the property on import, so the variable is the whole input.
        if (token.Type === 'ExtensionInput' && place === 0) break;
        content = propertyOf(content, change.PropertyName);
        break;
      case 'WFCoercionVariableAggrandizement':
        content = coerce(content, change.CoercionItemClass);
        break;
      default:
        throw new Error(`The simulator does not know ${change.Type}.`);
    }
  }
  return content;
}

export function readVariable(value: Plist, memory: Memory): Content {
  expectForm(value, 'WFTextTokenAttachment');
  return readToken(value.Value, memory);
}

/** Returns text parts and values of variables, in order. */
function readParts(value: Plist, memory: Memory): Array<string | Content> {
  if (typeof value === 'string') return [value];
  expectForm(value, 'WFTextTokenString');
  const { string, attachmentsByRange = {} } = value.Value;
  const parts: Array<string | Content> = [];
  let end = 0;
  for (const { index } of (string as string).matchAll(/\uFFFC/g)) {
    parts.push(string.slice(end, index));
    const token = attachmentsByRange[`{${index}, 1}`];
    if (token === undefined) throw new Error(`The position ${index} of "${string}" has no variable.`);
    parts.push(readToken(token, memory));
    end = index + 1;
  }
  return [...parts, string.slice(end)];
}

export function readText(value: Plist, memory: Memory): string {
  return readParts(value, memory)
    .map((part) => (typeof part === 'string' ? part : toText(part)))
    .join('');
}

/** Reads the content of a message: files become attachments and add no text. */
export function readMessage(value: Plist, memory: Memory) {
  for (const token of Object.values<Plist>(value?.Value?.attachmentsByRange ?? {})) {
    if (token.Type !== 'Variable') throw new Error('Messages receives an empty text for a result.');
  }
  const parts = readParts(value, memory);
  const files = parts.flatMap((part) =>
    typeof part === 'string' ? [] : part.flatMap((item) => (item.kind === 'file' ? [item.value] : [])),
  );
  const words = parts.map((part) =>
    typeof part === 'string' ? part : toText(part.filter((item) => item.kind !== 'file')),
  );
  return { text: words.join(''), files };
}

export function readDictionary(value: Plist, memory: Memory): Record<string, string> {
  expectForm(value, 'WFDictionaryFieldValue');
  return Object.fromEntries(
    value.Value.WFDictionaryFieldValueItems.map((item: Plist) => {
      if (item.WFItemType !== 0) throw new Error('The simulator supports only text items.');
      return [readText(item.WFKey, memory), readText(item.WFValue, memory)];
    }),
  );
}

/** Evaluates the condition of an If; the numbers are those of Shortcuts. */
export function isConditionMet(parameters: Plist, memory: Memory): boolean {
  const { WFInput: input, WFCondition: condition } = parameters;
  if (input?.Type !== 'Variable') throw new Error('The input of an If is not wrapped as a variable.');
  const content = readVariable(input.Variable, memory);
  switch (condition) {
    case 99:
      return toText(content).includes(readText(parameters.WFConditionalActionString, memory));
    case 101:
      return !hasValue(content);
    default:
      throw new Error(`The simulator does not know the condition ${condition}.`);
  }
}

function expectForm(value: Plist, form: string): void {
  if (value?.WFSerializationType !== form) {
    throw new Error(`Expected a ${form}, found ${JSON.stringify(value)}.`);
  }
}
