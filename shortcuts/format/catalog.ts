/**
 * Describes the actions of the Shortcuts app that the recipes use: the form of each parameter, required parameters,
 * and the English names on the screen. The checker and the manual instructions are generated from it.
 *
 * Sources: exported shortcuts, and WorkflowKit of iOS 16 to 18. Shortcuts silently ignores an unknown parameter, and
 * silently replaces a value of the wrong form by a default; only the checker detects them.
 */
import type { Dictionary } from './values.ts';

export type Form =
  | 'string'
  /** A plain string or a text with variables. */
  | 'text'
  /** A text in the long form only: macOS 27 imports a plain string as an empty field. */
  | 'token text'
  | 'variable'
  | 'condition input'
  | 'dictionary'
  | 'number'
  /** A number that Shortcuts writes as a string. */
  | 'number text'
  | 'boolean'
  | 'id'
  | 'app'
  | { readonly choices: ReadonlyMap<string | number, string> };

export interface ParameterRule {
  readonly form: Form;
  /** Name on the screen; undefined for a hidden parameter. */
  readonly title?: string;
  readonly neededWhen?: (parameters: Dictionary) => boolean;
}

export interface ActionRule {
  /** Name on the screen; for a block: of its beginning, middle and end. */
  readonly names: readonly [string, string?, string?];
  /** Name of its result in other actions. */
  readonly output?: string;
  readonly parameters: Readonly<Record<string, ParameterRule>>;
}

export const BLOCK = { begin: 0, otherwise: 1, end: 2 } as const;

export const CONDITION = {
  greaterThan: 2,
  contains: 99,
  hasAnyValue: 100,
  hasNoValue: 101,
} as const;

const always = () => true;
const atBeginning = (parameters: Dictionary) => parameters.WFControlFlowMode === BLOCK.begin;
const whenPosting = (parameters: Dictionary) => parameters.WFHTTPMethod === 'POST';
const whenCondition = (condition: number) => (parameters: Dictionary) => parameters.WFCondition === condition;
const choices = (...words: string[]): Form => ({ choices: new Map(words.map((word) => [word, word])) });

const RESULT: Readonly<Record<string, ParameterRule>> = {
  UUID: { form: 'id', neededWhen: always },
  CustomOutputName: { form: 'string' },
};

const BLOCK_PARAMETERS: Readonly<Record<string, ParameterRule>> = {
  UUID: { form: 'id' },
  GroupingIdentifier: { form: 'id', neededWhen: always },
  WFControlFlowMode: {
    form: {
      choices: new Map<number, string>([
        [BLOCK.begin, 'begin'],
        [BLOCK.otherwise, 'otherwise'],
        [BLOCK.end, 'end'],
      ]),
    },
    neededWhen: always,
  },
};

export const ACTIONS: Readonly<Record<string, ActionRule>> = {
  'is.workflow.actions.comment': {
    names: ['Comment'],
    parameters: { WFCommentActionText: { form: 'string', title: 'Text', neededWhen: always } },
  },
  'is.workflow.actions.gettext': {
    names: ['Text'],
    output: 'Text',
    parameters: { ...RESULT, WFTextActionText: { form: 'text', title: 'Text', neededWhen: always } },
  },
  'is.workflow.actions.setvariable': {
    names: ['Set Variable'],
    parameters: {
      WFVariableName: { form: 'string', title: 'Variable Name', neededWhen: always },
      WFInput: { form: 'variable', title: 'Input', neededWhen: always },
    },
  },
  'is.workflow.actions.number.random': {
    names: ['Random Number'],
    output: 'Random Number',
    parameters: {
      ...RESULT,
      WFRandomNumberMinimum: { form: 'number', title: 'Minimum', neededWhen: always },
      WFRandomNumberMaximum: { form: 'number', title: 'Maximum', neededWhen: always },
    },
  },
  'is.workflow.actions.downloadurl': {
    names: ['Get Contents of URL'],
    output: 'Contents of URL',
    parameters: {
      ...RESULT,
      WFURL: { form: 'text', title: 'URL', neededWhen: always },
      WFHTTPMethod: { form: choices('GET', 'POST'), title: 'Method', neededWhen: always },
      ShowHeaders: { form: 'boolean' },
      WFHTTPHeaders: { form: 'dictionary', title: 'Headers' },
      WFHTTPBodyType: { form: choices('Json'), title: 'Request Body', neededWhen: whenPosting },
      WFJSONValues: { form: 'dictionary', title: 'JSON', neededWhen: whenPosting },
    },
  },
  'is.workflow.actions.getvalueforkey': {
    names: ['Get Dictionary Value'],
    output: 'Dictionary Value',
    parameters: {
      ...RESULT,
      WFGetDictionaryValueType: { form: choices('Value'), title: 'Get', neededWhen: always },
      WFDictionaryKey: { form: 'text', title: 'Key', neededWhen: always },
      WFInput: { form: 'variable', title: 'Dictionary', neededWhen: always },
    },
  },
  'is.workflow.actions.conditional': {
    names: ['If', 'Otherwise', 'End If'],
    parameters: {
      ...BLOCK_PARAMETERS,
      WFInput: { form: 'condition input', title: 'Input', neededWhen: atBeginning },
      WFCondition: {
        form: {
          choices: new Map<number, string>([
            [CONDITION.greaterThan, 'is greater than'],
            [CONDITION.contains, 'contains'],
            [CONDITION.hasAnyValue, 'has any value'],
            [CONDITION.hasNoValue, 'does not have any value'],
          ]),
        },
        title: 'Condition',
        neededWhen: atBeginning,
      },
      WFConditionalActionString: {
        form: 'token text',
        title: 'Text',
        neededWhen: whenCondition(CONDITION.contains),
      },
      WFNumberValue: {
        form: 'number text',
        title: 'Number',
        neededWhen: whenCondition(CONDITION.greaterThan),
      },
    },
  },
  'is.workflow.actions.repeat.count': {
    names: ['Repeat', undefined, 'End Repeat'],
    parameters: {
      ...BLOCK_PARAMETERS,
      WFRepeatCount: { form: 'number', title: 'Times', neededWhen: atBeginning },
    },
  },
  'is.workflow.actions.sendmessage': {
    names: ['Send Message'],
    parameters: {
      UUID: { form: 'id' },
      WFSendMessageContent: { form: 'text', title: 'Message', neededWhen: always },
      WFSendMessageActionRecipients: { form: 'variable', title: 'Recipients', neededWhen: always },
      // The default is on: the phone then shows the message and waits for a tap.
      ShowWhenRun: { form: 'boolean', title: 'Show When Run', neededWhen: always },
      IntentAppIdentifier: { form: 'string', neededWhen: always },
      IntentAppDefinition: { form: 'app', neededWhen: always },
    },
  },
  'is.workflow.actions.alert': {
    names: ['Show Alert'],
    parameters: {
      UUID: { form: 'id' },
      WFAlertActionTitle: { form: 'text', title: 'Title', neededWhen: always },
      WFAlertActionMessage: { form: 'text', title: 'Message', neededWhen: always },
      WFAlertActionCancelButtonShown: { form: 'boolean', title: 'Show Cancel Button', neededWhen: always },
    },
  },
  'is.workflow.actions.notification': {
    names: ['Show Notification'],
    parameters: {
      UUID: { form: 'id' },
      WFNotificationActionTitle: { form: 'text', title: 'Title', neededWhen: always },
      WFNotificationActionBody: { form: 'text', title: 'Body', neededWhen: always },
      WFNotificationActionSound: { form: 'boolean', title: 'Play Sound' },
    },
  },
  'is.workflow.actions.exit': { names: ['Stop This Shortcut'], parameters: {} },
};
