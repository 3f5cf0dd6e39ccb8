/**
 * Builds a shortcut from a recipe: each step is a call, a block is a call with a function, and the result of a step is
 * a variable for later steps. The output is deterministic: ids are hashes of the recipe's name and the position of the
 * action.
 */
import { createHash } from 'node:crypto';
import type { PlistValue } from 'plist';
import { ACTIONS, BLOCK, CONDITION } from './catalog.ts';
import type { Trigger } from './triggers.ts';
import {
  asText,
  conditionInputValue,
  type Dictionary,
  dictionaryValue,
  MESSAGES_APP,
  type Text,
  text,
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
  /** Automations in the file, for iOS 27 and later. */
  readonly triggers: readonly Trigger[];
}

/** Numbers of Shortcuts: a colour as RGBA, and the position of a glyph in its font. */
export interface Icon {
  readonly color: number;
  readonly glyph: number;
}

export type Condition = Dictionary;

export function hasNoValue(variable: Variable): Condition {
  return { WFInput: conditionInputValue(variable), WFCondition: CONDITION.hasNoValue };
}

/**
 * The only comparison of values from the broker. Versions of iOS differ for booleans and for an empty text, and the text
 * of a boolean depends on the language. The variable must be the result of a text action.
 */
export function contains(variable: Variable, part: string): Condition {
  return {
    WFInput: conditionInputValue(variable),
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

export interface AskedText {
  readonly question: string;
  readonly placeholder: string;
  /** Prefilled answer; without it the field is empty. */
  readonly defaultAnswer: string | undefined;
}

export interface Steps {
  comment(text: string): void;
  text(content: Text): Variable;
  /** Adds a text that the import asks for. A text without an answer contains the placeholder; it is never empty. */
  askedText(text: AskedText): Variable;
  setVariable(name: string, content: Variable): Variable;
  randomNumber(minimum: number, maximum: number): Variable;
  /** A JSON response is a dictionary. The shortcut continues after any status. */
  getContents(request: Request, name?: string): Variable;
  getValue(key: string, dictionary: Variable): Variable;
  /** Adds a value of a dictionary as the result of a text action, for a comparison. */
  getText(key: string, dictionary: Variable): Variable;
  when(condition: Condition, then: () => void, otherwise?: () => void): void;
  repeat(times: number, body: () => void): void;
  /**
   * Sends without a prompt. Files in the content are attachments. A failure ends the shortcut. The content must
   * reference named variables: Messages may receive an empty text for the result of an action.
   */
  sendMessage(message: { to: Variable; content: Text }): void;
  /** With `canCancel`, the alert has a Cancel button, which ends the shortcut. */
  alert(alert: { title: string; message: Text; canCancel: boolean }): void;
  notification(notification: { title: string; body: Text }): void;
  stop(): void;
  /** Returns no value if nothing is stored. Stored values are those of this shortcut, and outlive its runs. iOS 27. */
  getStored(key: string): Variable;
  store(key: string, content: Text): void;
  deleteStored(key: string): void;
}

const PREFIX = 'is.workflow.actions.';

export function writeRecipe(
  about: { name: string; icon: Icon; accepts?: readonly string[]; triggers?: readonly Trigger[] },
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

  const addText = (content: Text) => addWithResult('gettext', { WFTextActionText: textValue(content) });
  const addValue = (key: string, dictionary: Variable) =>
    addWithResult(
      'getvalueforkey',
      { WFGetDictionaryValueType: 'Value', WFDictionaryKey: key, WFInput: variableValue(dictionary) },
      key,
    );

  write({
    comment: (text) => add('comment', { WFCommentActionText: text }),
    text: addText,
    askedText({ question, placeholder, defaultAnswer }) {
      questions.push({
        ...{ actionIndex: actions.length, parameter: 'WFTextActionText', question },
        defaultAnswer: defaultAnswer ?? '',
      });
      return addText(defaultAnswer ?? placeholder);
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
        body === undefined ? {} : { WFHTTPBodyType: 'JSON', WFJSONValues: dictionaryValue(body) };
      const WFHTTPMethod = body === undefined ? 'GET' : 'POST';
      return addWithResult(
        'downloadurl',
        { WFURL: tokenTextValue(url), WFHTTPMethod, ...heads, ...bodies },
        name,
      );
    },
    getValue: addValue,
    getText: (key, dictionary) => addText(text`${addValue(key, dictionary)}`),
    when: (condition, then, otherwise) =>
      block('conditional', condition, otherwise === undefined ? [then] : [then, otherwise]),
    repeat: (times, body) => block('repeat.count', { WFRepeatCount: times }, [body]),
    sendMessage: ({ to, content }) =>
      add('sendmessage', {
        UUID: id('result'),
        WFSendMessageContent: tokenTextValue(content),
        WFSendMessageActionRecipients: variableValue(asText(to)),
        ShowWhenRun: false,
        IntentAppDefinition: MESSAGES_APP,
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
    getStored: (key) => addWithResult('getstoredcontent', storedContent(key)),
    store: (key, content) =>
      add('setstoredcontent', { WFInput: tokenTextValue(content), ...storedContent(key) }),
    deleteStored: (key) => add('deletestoredcontent', storedContent(key)),
  });
  const { name, icon, accepts = [], triggers = [] } = about;
  return { name, icon, accepts, questions, actions, triggers };
}

function storedContent(key: string): Dictionary {
  return { WFStoredContentKey: key, WFStoredContentGlobalValue: false };
}

/** Formats a hash as a UUID in capitals, like Shortcuts. */
export function idFrom(seed: string): string {
  const hash = createHash('sha256').update(seed).digest('hex').toUpperCase();
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-A${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
