/**
 * Models the content that Shortcuts passes between actions, and its type conversions on a phone in English. Content is
 * a list of items; an empty list is "no value".
 */
export interface Message {
  sender: string;
  text: string;
  /** Handles of the recipients; default: unknown. */
  recipients?: readonly string[];
}

export interface File {
  name: string;
  type: string;
  bytes: Uint8Array;
}

export interface Dictionary {
  readonly [key: string]: unknown;
}

export type Item =
  | { kind: 'text'; value: string }
  | { kind: 'number'; value: number }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'dictionary'; value: Dictionary }
  | { kind: 'file'; value: File }
  | { kind: 'message'; value: Message };

export type Content = readonly Item[];

/** A failed action ends the shortcut with its message, as on the phone. */
export class ActionFailure extends Error {}

export const textItem = (value: string): Item => ({ kind: 'text', value });

export function fromJson(value: unknown): Content {
  if (value === null || value === undefined) return [];
  if (typeof value === 'string') return [textItem(value)];
  if (typeof value === 'number') return [{ kind: 'number', value }];
  if (typeof value === 'boolean') return [{ kind: 'boolean', value }];
  if (Array.isArray(value)) return value.flatMap(fromJson);
  return [{ kind: 'dictionary', value: value as Dictionary }];
}

/** An empty text counts as no value. */
export function hasValue(content: Content): boolean {
  return content.some((item) => item.kind !== 'text' || item.value !== '');
}

/** Joins several items by line breaks. The text of a file is its name. */
export function toText(content: Content): string {
  return content.map(itemText).join('\n');
}

function itemText(item: Item): string {
  switch (item.kind) {
    case 'text':
      return item.value;
    case 'number':
      return String(item.value);
    case 'boolean':
      return item.value ? 'Yes' : 'No';
    case 'dictionary':
      return JSON.stringify(item.value);
    case 'file':
      return item.value.name;
    case 'message':
      return item.value.text;
  }
}

export function toDictionary(content: Content): Dictionary {
  const [item] = content;
  if (item?.kind === 'dictionary') return item.value;
  if (item?.kind === 'text') {
    try {
      const value: unknown = JSON.parse(item.value);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Dictionary;
    } catch {
      // Not JSON: fails below.
    }
  }
  throw new ActionFailure(`couldn't convert from ${item?.kind ?? 'nothing'} to Dictionary`);
}

export function propertyOf(content: Content, property: string): Content {
  return content.flatMap((item) => {
    if (item.kind !== 'message') return [];
    if (property === 'Sender') return [textItem(item.value.sender)];
    if (property === 'Recipients') return (item.value.recipients ?? []).map(textItem);
    if (property === 'Content') return [textItem(item.value.text)];
    throw new Error(`A message has no property ${property}.`);
  });
}

export function coerce(content: Content, itemClass: string): Content {
  switch (itemClass) {
    case 'WFStringContentItem':
      return content.length === 0 ? [] : [textItem(toText(content))];
    case 'WFMessageContentItem':
      return content.filter(({ kind }) => kind === 'message');
    default:
      throw new Error(`The simulator does not know the class ${itemClass}.`);
  }
}
