/**
 * What a parameter of an action may hold, in our words, and as the property list has it. Variables stand in a
 * text as U+FFFC, with what they mean kept beside the text by position; positions count UTF-16 units.
 */
import type { PlistValue } from 'plist';

export type Dictionary = { [key: string]: PlistValue };

export interface Variable {
  readonly source:
    | { kind: 'output'; id: string; name: string }
    | { kind: 'named'; name: string }
    | { kind: 'input' };
  /** One property of the content, such as the sender of a message. */
  readonly property?: string;
  /** What Shortcuts shall make of the content before it is used. */
  readonly as?: 'text' | 'number';
}

export interface TextWithVariables {
  readonly parts: ReadonlyArray<string | Variable>;
}

export type Text = string | TextWithVariables;

export const PLACEHOLDER = '\uFFFC';

export const COERCIONS = { text: 'WFStringContentItem', number: 'WFNumberContentItem' } as const;

/** What the shortcut was started with. */
export const shortcutInput: Variable = { source: { kind: 'input' } };

export function asText(variable: Variable): Variable {
  return { ...variable, as: 'text' };
}

export function asNumber(variable: Variable): Variable {
  return { ...variable, as: 'number' };
}

export function propertyOf(variable: Variable, property: string): Variable {
  return { ...variable, property };
}

/** A text with variables in it: text`Hello ${name}`. Texts in texts become one. */
export function text(strings: TemplateStringsArray, ...values: ReadonlyArray<Variable | Text>): Text {
  const parts: Array<string | Variable> = [];
  strings.forEach((string, index) => {
    parts.push(string);
    const value = values[index];
    if (value === undefined) return;
    if (typeof value === 'object' && 'parts' in value) parts.push(...value.parts);
    else parts.push(value);
  });
  return { parts };
}

function token(variable: Variable): Dictionary {
  const { source, property, as } = variable;
  const aggrandizements: Dictionary[] = [];
  if (property !== undefined) {
    aggrandizements.push({ Type: 'WFPropertyVariableAggrandizement', PropertyName: property });
  }
  if (as !== undefined) {
    aggrandizements.push({ Type: 'WFCoercionVariableAggrandizement', CoercionItemClass: COERCIONS[as] });
  }
  return {
    ...(source.kind === 'output'
      ? { Type: 'ActionOutput', OutputUUID: source.id, OutputName: source.name }
      : source.kind === 'named'
        ? { Type: 'Variable', VariableName: source.name }
        : { Type: 'ExtensionInput' }),
    ...(aggrandizements.length > 0 ? { Aggrandizements: aggrandizements } : {}),
  };
}

/** One variable and nothing else. */
export function variableValue(variable: Variable): Dictionary {
  return { Value: token(variable), WFSerializationType: 'WFTextTokenAttachment' };
}

/** The variable an If looks at is wrapped twice, alone among the parameters. */
export function conditionInputValue(variable: Variable): Dictionary {
  return { Type: 'Variable', Variable: variableValue(variable) };
}

/** A text in the long form, which every place for texts takes. */
export function tokenTextValue(content: Text): Dictionary {
  let string = '';
  const attachments: Dictionary = {};
  for (const part of typeof content === 'string' ? [content] : content.parts) {
    if (typeof part !== 'string') {
      attachments[`{${string.length}, 1}`] = token(part);
      string += PLACEHOLDER;
    } else if (part.includes(PLACEHOLDER)) {
      throw new Error('A text of a shortcut cannot hold U+FFFC, which stands for variables. Leave it out.');
    } else string += part;
  }
  return {
    Value: { string, attachmentsByRange: attachments },
    WFSerializationType: 'WFTextTokenString',
  };
}

/** A plain string where there is no variable in it: the form that import questions fill in. */
export function textValue(content: Text): PlistValue {
  return typeof content === 'string' ? content : tokenTextValue(content);
}

/** The only kind of item that the recipes need is text. */
const TEXT_ITEM = 0;

export function dictionaryValue(items: Readonly<Record<string, Text>>): Dictionary {
  return {
    Value: {
      WFDictionaryFieldValueItems: Object.entries(items).map(([key, value]) => ({
        WFItemType: TEXT_ITEM,
        WFKey: tokenTextValue(key),
        WFValue: tokenTextValue(value),
      })),
    },
    WFSerializationType: 'WFDictionaryFieldValue',
  };
}
