/** Reads the values of parameters out of a property list and fills in what the variables hold. */
import { type Content, coerce, hasValue, propertyOf, toText } from './content.ts';

// biome-ignore lint/suspicious/noExplicitAny: a property list that somebody else wrote
export type Plist = any;

export interface Memory {
  readonly named: Map<string, Content>;
  readonly outputs: Map<string, Content>;
  readonly input: Content;
}

/** Variables that were never set hold nothing, which is what a phone makes of them too. */
function lookUp(token: Plist, memory: Memory): Content {
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
  for (const change of token.Aggrandizements ?? []) {
    switch (change.Type) {
      case 'WFPropertyVariableAggrandizement':
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
  return lookUp(value.Value, memory);
}

/** The text between variables and what they hold, in order. */
function readParts(value: Plist, memory: Memory): Array<string | Content> {
  if (typeof value === 'string') return [value];
  expectForm(value, 'WFTextTokenString');
  const { string, attachmentsByRange = {} } = value.Value;
  const parts: Array<string | Content> = [];
  let end = 0;
  for (const { index } of (string as string).matchAll(/\uFFFC/g)) {
    parts.push(string.slice(end, index));
    const token = attachmentsByRange[`{${index}, 1}`];
    if (token === undefined) throw new Error(`There is no variable for the place ${index} of "${string}".`);
    parts.push(lookUp(token, memory));
    end = index + 1;
  }
  return [...parts, string.slice(end)];
}

export function readText(value: Plist, memory: Memory): string {
  return readParts(value, memory)
    .map((part) => (typeof part === 'string' ? part : toText(part)))
    .join('');
}

/** The content of a message: files in it go along as attachments and leave no text behind. */
export function readMessage(value: Plist, memory: Memory) {
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
      if (item.WFItemType !== 0) throw new Error(`The simulator knows items of text only.`);
      return [readText(item.WFKey, memory), readText(item.WFValue, memory)];
    }),
  );
}

/** Of an If; the numbers of the conditions are Apple's. */
export function holds(parameters: Plist, memory: Memory): boolean {
  const { WFInput: input, WFCondition: condition } = parameters;
  if (input?.Type !== 'Variable') throw new Error('The input of an If is not wrapped as a variable.');
  const content = readVariable(input.Variable, memory);
  switch (condition) {
    case 2: {
      const [item] = content;
      return item?.kind === 'number' && item.value > Number(parameters.WFNumberValue);
    }
    case 99:
      return toText(content).includes(readText(parameters.WFConditionalActionString, memory));
    case 100:
      return hasValue(content);
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
