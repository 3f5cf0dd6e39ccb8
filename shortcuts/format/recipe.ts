/**
 * Writing a shortcut down as a recipe: every step is a call, blocks are calls with a function in them, and what a
 * step gives is the variable that later steps use. The same recipe gives the same actions with the same ids,
 * always: ids are a hash of the recipe's name and the place of the action.
 */
import { createHash } from 'node:crypto';
import type { PlistValue } from 'plist';
import { ACTIONS, BLOCK, CONDITION } from './catalog.ts';
import {
  asNumber,
  asText,
  conditionInputValue,
  type Dictionary,
  dictionaryValue,
  type Text,
  textValue,
  tokenTextValue,
  type Variable,
  variableValue,
} from './values.ts';

export interface Action {
  readonly identifier: string;
  readonly parameters: Dictionary;
}

/** Asked when the shortcut is added to a phone; the answer becomes the parameter of an action. */
export interface ImportQuestion {
  readonly actionIndex: number;
  readonly parameter: string;
  readonly question: string;
  readonly defaultAnswer: string;
}

export interface Recipe {
  readonly name: string;
  readonly icon: Icon;
  /** The classes of content it takes as its input; none: it takes no input. */
  readonly accepts: readonly string[];
  readonly questions: readonly ImportQuestion[];
  readonly actions: readonly Action[];
}

/** Shortcuts' numbers: a colour as RGBA, and the place of a picture in its font. */
export interface Icon {
  readonly color: number;
  readonly glyph: number;
}

export type Condition = Dictionary;

/**
 * Compared as a number, since a boolean made a text is "Yes" in English only; a boolean is a number to Shortcuts,
 * 1 or 0. What is missing is not true.
 */
export function isTrue(variable: Variable): Condition {
  return {
    WFInput: conditionInputValue(asNumber(variable)),
    WFCondition: CONDITION.greaterThan,
    WFNumberValue: '0',
  };
}

export function hasNoValue(variable: Variable): Condition {
  return { WFInput: conditionInputValue(variable), WFCondition: CONDITION.hasNoValue };
}

export function hasAnyValue(variable: Variable): Condition {
  return { WFInput: conditionInputValue(variable), WFCondition: CONDITION.hasAnyValue };
}

export function contains(variable: Variable, part: string): Condition {
  return {
    WFInput: conditionInputValue(asText(variable)),
    WFCondition: CONDITION.contains,
    WFConditionalActionString: tokenTextValue(part),
  };
}

export interface Request {
  readonly url: Text;
  readonly headers?: Readonly<Record<string, Text>>;
  /** With a body it is a POST. */
  readonly body?: Readonly<Record<string, Text>>;
}

export interface Steps {
  comment(words: string): void;
  /** A text, which `question` has people fill in when they add the shortcut. */
  text(content: Text, question?: string): Variable;
  setVariable(name: string, content: Variable): Variable;
  randomNumber(minimum: number, maximum: number): Variable;
  /** An answer whose type is JSON is a dictionary; whatever status it has, the shortcut goes on. */
  getContents(request: Request, name?: string): Variable;
  getValue(key: string, dictionary: Variable): Variable;
  when(condition: Condition, then: () => void, otherwise?: () => void): void;
  repeat(times: number, body: () => void): void;
  /** Without asking. Files in the content are sent as attachments. When it fails, the shortcut ends there. */
  sendMessage(message: { to: Variable; content: Text }): void;
  /** With `canCancel`, Cancel ends the shortcut. */
  alert(alert: { title: string; message: Text; canCancel: boolean }): void;
  notification(notification: { title: string; body: Text }): void;
  stop(): void;
}

const PREFIX = 'is.workflow.actions.';

const MESSAGES = 'com.apple.MobileSMS';

export function writeRecipe(
  about: { name: string; icon: Icon; accepts?: readonly string[] },
  write: (steps: Steps) => void,
): Recipe {
  const actions: Action[] = [];
  const questions: ImportQuestion[] = [];

  const id = (purpose: string) => idFrom(`${about.name}/${actions.length}/${purpose}`);

  const add = (kind: string, parameters: Dictionary = {}): void => {
    actions.push({ identifier: PREFIX + kind, parameters });
  };

  /** An action with a result, called `name` where it is used. */
  const addGiving = (kind: string, parameters: Dictionary, name?: string): Variable => {
    const uuid = id('result');
    const custom: Dictionary = name === undefined ? {} : { CustomOutputName: name };
    add(kind, { UUID: uuid, ...custom, ...parameters });
    return { source: { kind: 'output', id: uuid, name: name ?? ACTIONS[PREFIX + kind]!.output! } };
  };

  const block = (kind: string, begin: Dictionary, bodies: ReadonlyArray<() => void>): void => {
    const GroupingIdentifier = id('block');
    bodies.forEach((body, index) => {
      const mode = index === 0 ? BLOCK.begin : BLOCK.otherwise;
      add(kind, { GroupingIdentifier, WFControlFlowMode: mode, ...(index === 0 ? begin : {}) });
      body();
    });
    add(kind, { GroupingIdentifier, WFControlFlowMode: BLOCK.end, UUID: id('result') });
  };

  write({
    comment: (words) => add('comment', { WFCommentActionText: words }),
    text(content, question) {
      if (question !== undefined) {
        questions.push({
          actionIndex: actions.length,
          parameter: 'WFTextActionText',
          question,
          defaultAnswer: content as string,
        });
      }
      return addGiving('gettext', { WFTextActionText: textValue(content) });
    },
    setVariable(name, content) {
      add('setvariable', { WFVariableName: name, WFInput: variableValue(content) });
      return { source: { kind: 'named', name } };
    },
    randomNumber: (minimum, maximum) =>
      addGiving('number.random', { WFRandomNumberMinimum: minimum, WFRandomNumberMaximum: maximum }),
    getContents({ url, headers, body }, name) {
      const heads: Record<string, PlistValue> =
        headers === undefined ? {} : { ShowHeaders: true, WFHTTPHeaders: dictionaryValue(headers) };
      const bodies: Record<string, PlistValue> =
        body === undefined ? {} : { WFHTTPBodyType: 'Json', WFJSONValues: dictionaryValue(body) };
      const WFHTTPMethod = body === undefined ? 'GET' : 'POST';
      return addGiving(
        'downloadurl',
        { WFURL: tokenTextValue(url), WFHTTPMethod, ...heads, ...bodies },
        name,
      );
    },
    getValue: (key, dictionary) =>
      addGiving(
        'getvalueforkey',
        { WFGetDictionaryValueType: 'Value', WFDictionaryKey: key, WFInput: variableValue(dictionary) },
        key,
      ),
    when: (condition, then, otherwise) =>
      block('conditional', condition, otherwise === undefined ? [then] : [then, otherwise]),
    repeat: (times, body) => block('repeat.count', { WFRepeatCount: times }, [body]),
    sendMessage: ({ to, content }) =>
      add('sendmessage', {
        UUID: id('result'),
        WFSendMessageContent: tokenTextValue(content),
        WFSendMessageActionRecipients: variableValue(asText(to)),
        ShowWhenRun: false,
        IntentAppIdentifier: MESSAGES,
        IntentAppDefinition: { BundleIdentifier: MESSAGES, Name: 'Messages', TeamIdentifier: '0000000000' },
      }),
    alert: ({ title, message, canCancel }) =>
      add('alert', {
        WFAlertActionTitle: title,
        WFAlertActionMessage: textValue(message),
        WFAlertActionCancelButtonShown: canCancel,
      }),
    notification: ({ title, body }) =>
      add('notification', { WFNotificationActionTitle: title, WFNotificationActionBody: textValue(body) }),
    stop: () => add('exit'),
  });
  return { name: about.name, icon: about.icon, accepts: about.accepts ?? [], questions, actions };
}

/** In the form of a UUID, in capitals as Shortcuts writes them. */
function idFrom(seed: string): string {
  const hash = createHash('sha256').update(seed).digest('hex').toUpperCase();
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-A${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
