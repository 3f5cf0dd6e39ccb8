/**
 * Converts values of parameters to the property list format. A text contains U+FFFC for each variable; the variables
 * are stored beside the text by position in UTF-16 units.
 */
import type { PlistValue } from 'plist';

export type Dictionary = { [key: string]: PlistValue };

export interface Variable {
  readonly source:
    | { kind: 'output'; id: string; name: string }
    | { kind: 'named'; name: string }
    | { kind: 'input' };
  /** In the order in which Shortcuts applies them. */
  readonly changes?: readonly Change[];
}

/** A conversion to a type, or a property of the content, such as the sender of a message. */
export type Change = { readonly as: keyof typeof COERCIONS } | { readonly property: string };

export interface TextWithVariables {
  readonly parts: ReadonlyArray<string | Variable>;
}

export type Text = string | TextWithVariables;

export const PLACEHOLDER = '\uFFFC';

export const COERCIONS = {
  text: 'WFStringContentItem',
  message: 'WFMessageContentItem',
} as const;

/** The Messages app, in the form of actions and triggers. */
export const MESSAGES_APP = {
  BundleIdentifier: 'com.apple.MobileSMS',
  Name: 'Messages',
  TeamIdentifier: '0000000000',
};

/** The input of the shortcut. */
export const shortcutInput: Variable = { source: { kind: 'input' } };

/**
 * A message as the input of the shortcut. iOS 26 drops a property of the input on import, unless the input is converted
 * first.
 */
export const inputMessage: Variable = changed(shortcutInput, { as: 'message' });

export function asText(variable: Variable): Variable {
  return changed(variable, { as: 'text' });
}

export function propertyOf(variable: Variable, property: string): Variable {
  return changed(variable, { property });
}

function changed(variable: Variable, change: Change): Variable {
  return { ...variable, changes: [...(variable.changes ?? []), change] };
}

/** Builds a text with variables: text`Hello ${name}`. Nested texts are merged. */
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

function token({ source, changes = [] }: Variable): Dictionary {
  const aggrandizements = changes.map(
    (change): Dictionary =>
      'as' in change
        ? { Type: 'WFCoercionVariableAggrandizement', CoercionItemClass: COERCIONS[change.as] }
        : { Type: 'WFPropertyVariableAggrandizement', PropertyName: change.property },
  );
  return {
    ...(source.kind === 'output'
      ? { Type: 'ActionOutput', OutputUUID: source.id, OutputName: source.name }
      : source.kind === 'named'
        ? { Type: 'Variable', VariableName: source.name }
        : { Type: 'ExtensionInput' }),
    ...(aggrandizements.length > 0 ? { Aggrandizements: aggrandizements } : {}),
  };
}

/** Serializes a single variable. */
export function variableValue(variable: Variable): Dictionary {
  return { Value: token(variable), WFSerializationType: 'WFTextTokenAttachment' };
}

/** Serializes the input of an If, the only parameter with a variable that is wrapped twice. */
export function conditionInputValue(variable: Variable): Dictionary {
  return { Type: 'Variable', Variable: variableValue(variable) };
}

/** Serializes a text in the long form, which every text parameter accepts. */
export function tokenTextValue(content: Text): Dictionary {
  let string = '';
  const attachments: Dictionary = {};
  for (const part of typeof content === 'string' ? [content] : content.parts) {
    if (typeof part !== 'string') {
      attachments[`{${string.length}, 1}`] = token(part);
      string += PLACEHOLDER;
    } else if (part.includes(PLACEHOLDER)) {
      throw new Error(
        'A text of a shortcut must not contain U+FFFC, the placeholder of variables. Remove it.',
      );
    } else string += part;
  }
  return {
    Value: { string, attachmentsByRange: attachments },
    WFSerializationType: 'WFTextTokenString',
  };
}

/** Serializes a text without variables as a plain string, which import questions require. */
export function textValue(content: Text): PlistValue {
  return typeof content === 'string' ? content : tokenTextValue(content);
}

/** Type number of text items, the only type in the recipes. */
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
