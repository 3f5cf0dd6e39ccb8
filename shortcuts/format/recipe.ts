/**
 * Builds a shortcut from a recipe: each step is a call, a block is a call with a function, and the result of a step is
 * a variable for later steps. The output is deterministic: ids are hashes of the recipe's name and the position of the
 * action.
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

/** A question of the import on a phone; the answer becomes the parameter of an action. */
export interface ImportQuestion {
  readonly actionIndex: number;
  readonly parameter: string;
  readonly question: string;
  readonly defaultAnswer: string;
}

export interface Recipe {
  readonly name: string;
  readonly icon: Icon;
  /** Content classes of its input; empty if it has no input. */
  readonly accepts: readonly string[];
  readonly questions: readonly ImportQuestion[];
  readonly actions: readonly Action[];
}

/** Numbers of Shortcuts: a colour as RGBA, and the position of a glyph in its font. */
export interface Icon {
  readonly color: number;
  readonly glyph: number;
}

export type Condition = Dictionary;

/**
 * Compares as a number: Shortcuts converts a boolean to 1 or 0, and its text "Yes" depends on the language. A missing
 * value is not true.
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
  /** A request with a body is a POST. */
  readonly body?: Readonly<Record<string, Text>>;
}

export interface Steps {
  comment(text: string): void;
  /** Adds a text. With `question`, the import asks for it, with the content as the default. */
  text(content: string, question?: string): Variable;
  text(content: Text): Variable;
  setVariable(name: string, content: Variable): Variable;
  randomNumber(minimum: number, maximum: number): Variable;
  /** A JSON response is a dictionary. The shortcut continues after any status. */
  getContents(request: Request, name?: string): Variable;
  getValue(key: string, dictionary: Variable): Variable;
  when(condition: Condition, then: () => void, otherwise?: () => void): void;
  repeat(times: number, body: () => void): void;
  /** Sends without a prompt. Files in the content are attachments. A failure ends the shortcut. */
  sendMessage(message: { to: Variable; content: Text }): void;
  /** With `canCancel`, the alert has a Cancel button, which ends the shortcut. */
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

  /** Adds an action with a result; other actions show the result as `name`. */
  const addWithResult = (kind: string, parameters: Dictionary, name?: string): Variable => {
    const uuid = id('result');
    const custom: Dictionary = name === undefined ? {} : { CustomOutputName: name };
    add(kind, { UUID: uuid, ...custom, ...parameters });
    return { source: { kind: 'output', id: uuid, name: name ?? ACTIONS[PREFIX + kind]?.output ?? kind } };
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
    comment: (text) => add('comment', { WFCommentActionText: text }),
    text(content: Text, question?: string) {
      if (question !== undefined && typeof content === 'string') {
        questions.push({
          actionIndex: actions.length,
          parameter: 'WFTextActionText',
          question,
          defaultAnswer: content,
        });
      }
      return addWithResult('gettext', { WFTextActionText: textValue(content) });
    },
    setVariable(name, content) {
      add('setvariable', { WFVariableName: name, WFInput: variableValue(content) });
      return { source: { kind: 'named', name } };
    },
    randomNumber: (minimum, maximum) =>
      addWithResult('number.random', { WFRandomNumberMinimum: minimum, WFRandomNumberMaximum: maximum }),
    getContents({ url, headers, body }, name) {
      const heads: Record<string, PlistValue> =
        headers === undefined ? {} : { ShowHeaders: true, WFHTTPHeaders: dictionaryValue(headers) };
      const bodies: Record<string, PlistValue> =
        body === undefined ? {} : { WFHTTPBodyType: 'Json', WFJSONValues: dictionaryValue(body) };
      const WFHTTPMethod = body === undefined ? 'GET' : 'POST';
      return addWithResult(
        'downloadurl',
        { WFURL: tokenTextValue(url), WFHTTPMethod, ...heads, ...bodies },
        name,
      );
    },
    getValue: (key, dictionary) =>
      addWithResult(
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

/** Formats a hash as a UUID in capitals, like Shortcuts. */
function idFrom(seed: string): string {
  const hash = createHash('sha256').update(seed).digest('hex').toUpperCase();
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-A${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
