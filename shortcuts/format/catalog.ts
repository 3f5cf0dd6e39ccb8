/**
 * Describes the actions of the Shortcuts app that the recipes use: the form of each parameter, required parameters,
 * and the English names on the screen. The checker and the manual instructions are generated from it.
 *
 * - Actions, their names, and the keys and types of their parameters come from ToolKit; see toolkit.json.
 * - This file adds the form of each type in a file, the required parameters, and the names of the fields.
 * - Shortcuts ignores an unknown parameter without an error, and replaces a value of the wrong form by a default.
 */
import toolkit from './toolkit.json' with { type: 'json' };
import type { Dictionary } from './values.ts';

export type Form =
  | 'string'
  /** A plain string or a text with variables. */
  | 'text'
  /** A text that is not empty. Some versions reject a shortcut with an empty Text action. */
  | 'filled text'
  /** A text whose variables are all named. Messages may receive an empty text for the result of an action. */
  | 'message text'
  /** A text in the long form only: macOS 27 imports a plain string as an empty field. */
  | 'token text'
  | 'variable'
  | 'condition input'
  | 'dictionary'
  | 'number'
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
  contains: 99,
  hasNoValue: 101,
} as const;

const always = () => true;
const atBeginning = (parameters: Dictionary) => parameters.WFControlFlowMode === BLOCK.begin;
const whenPosting = (parameters: Dictionary) => parameters.WFHTTPMethod === 'POST';
const whenJson = (parameters: Dictionary) => parameters.WFHTTPBodyType === 'JSON';
const whenComparing = (parameters: Dictionary) => parameters.WFCondition === CONDITION.contains;
const choices = (...words: string[]): Form => ({ choices: new Map(words.map((word) => [word, word])) });

/** Form of each type of ToolKit in a file. The enumerations are those of WFActions.plist in WorkflowKit. */
const FORMS: Readonly<Record<string, Form>> = {
  str: 'text',
  bool: 'boolean',
  float: 'number',
  'dict[Any, Any]': 'dictionary',
  Person: 'variable',
  builtin_app: 'app',
  com_apple_shortcuts_wfcontent_item: 'variable',
  downloadurl_wfhttpmethod: choices('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
  downloadurl_wfhttpbody_type: choices('JSON', 'Form', 'File'),
  getvalueforkey_wfget_dictionary_value_type: choices('Value', 'All Keys', 'All Values'),
};

const RESULT: Readonly<Record<string, ParameterRule>> = {
  UUID: { form: 'id', neededWhen: always },
  CustomOutputName: { form: 'string' },
};

/** Facts about an action that ToolKit leaves out. */
interface Details {
  /** Name of its result; an action without one has an optional id. */
  readonly output?: string;
  /** Parameters that exported shortcuts contain and ToolKit leaves out. */
  readonly exported?: Readonly<Record<string, ParameterRule>>;
  /** In the order of the screen. A form replaces that of the type. */
  readonly parameters: Readonly<Record<string, Partial<ParameterRule>>>;
}

const STORED_CONTENT: Details['parameters'] = {
  WFStoredContentKey: { title: 'Key', neededWhen: always },
  // True stores the value for all shortcuts of the iCloud account.
  WFStoredContentGlobalValue: { title: 'Share between Shortcuts', neededWhen: always },
};

const DETAILS: Readonly<Record<string, Details>> = {
  'is.workflow.actions.comment': {
    parameters: { WFCommentActionText: { form: 'string', title: 'Text', neededWhen: always } },
  },
  'is.workflow.actions.gettext': {
    output: 'Text',
    parameters: { WFTextActionText: { form: 'filled text', title: 'Text', neededWhen: always } },
  },
  'is.workflow.actions.detect.text': {
    output: 'Text',
    parameters: { WFInput: { title: 'Input', neededWhen: always } },
  },
  'is.workflow.actions.setvariable': {
    parameters: {
      WFVariableName: { form: 'string', title: 'Variable Name', neededWhen: always },
      WFInput: { title: 'Input', neededWhen: always },
    },
  },
  'is.workflow.actions.number.random': {
    output: 'Random Number',
    parameters: {
      WFRandomNumberMinimum: { title: 'Minimum', neededWhen: always },
      WFRandomNumberMaximum: { title: 'Maximum', neededWhen: always },
    },
  },
  'is.workflow.actions.downloadurl': {
    output: 'Contents of URL',
    exported: { ShowHeaders: { form: 'boolean' } },
    parameters: {
      WFURL: { title: 'URL', neededWhen: always },
      WFHTTPMethod: { title: 'Method', neededWhen: always },
      WFHTTPHeaders: { title: 'Headers' },
      WFHTTPBodyType: { title: 'Request Body', neededWhen: whenPosting },
      WFJSONValues: { title: 'JSON', neededWhen: whenJson },
    },
  },
  'is.workflow.actions.getvalueforkey': {
    output: 'Dictionary Value',
    parameters: {
      WFGetDictionaryValueType: { title: 'Get', neededWhen: always },
      WFDictionaryKey: { title: 'Key', neededWhen: always },
      WFInput: { title: 'Dictionary', neededWhen: always },
    },
  },
  'is.workflow.actions.sendmessage': {
    parameters: {
      WFSendMessageContent: { form: 'message text', title: 'Message', neededWhen: always },
      WFSendMessageActionRecipients: { title: 'Recipients', neededWhen: always },
      // The default is on: the phone then shows the message and waits for a tap.
      ShowWhenRun: { title: 'Show When Run', neededWhen: always },
      IntentAppDefinition: { neededWhen: always },
    },
  },
  'is.workflow.actions.alert': {
    parameters: {
      WFAlertActionTitle: { title: 'Title', neededWhen: always },
      WFAlertActionMessage: { title: 'Message', neededWhen: always },
      WFAlertActionCancelButtonShown: { title: 'Show Cancel Button', neededWhen: always },
    },
  },
  'is.workflow.actions.notification': {
    parameters: {
      WFNotificationActionTitle: { title: 'Title', neededWhen: always },
      WFNotificationActionBody: { title: 'Body', neededWhen: always },
      WFNotificationActionSound: { title: 'Play Sound' },
    },
  },
  'is.workflow.actions.exit': { parameters: {} },
  'is.workflow.actions.getstoredcontent': { output: 'Stored Content', parameters: STORED_CONTENT },
  'is.workflow.actions.setstoredcontent': {
    parameters: { WFInput: { form: 'token text', title: 'Content', neededWhen: always }, ...STORED_CONTENT },
  },
  'is.workflow.actions.deletestoredcontent': { parameters: STORED_CONTENT },
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

/** ToolKit has no parameters of blocks. Source: exported shortcuts. */
const BLOCKS: Readonly<Record<string, ActionRule>> = {
  'is.workflow.actions.conditional': {
    names: ['If', 'Otherwise', 'End If'],
    parameters: {
      ...BLOCK_PARAMETERS,
      WFInput: { form: 'condition input', title: 'Input', neededWhen: atBeginning },
      WFCondition: {
        form: {
          choices: new Map<number, string>([
            [CONDITION.contains, 'contains'],
            [CONDITION.hasNoValue, 'does not have any value'],
          ]),
        },
        title: 'Condition',
        neededWhen: atBeginning,
      },
      WFConditionalActionString: {
        form: 'token text',
        title: 'Text',
        neededWhen: whenComparing,
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
};

interface Tool {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
}

function ruleOf(identifier: string, { name, parameters }: Tool): [string, ActionRule] {
  const { output, exported = {}, parameters: details = {} } = DETAILS[identifier] ?? {};
  const shown = Object.keys(details).filter((key) => Object.hasOwn(parameters, key));
  const rules = [...new Set([...shown, ...Object.keys(parameters)])].map((key) => {
    const form = details[key]?.form ?? FORMS[parameters[key] ?? ''];
    return form === undefined ? [] : [[key, { ...details[key], form }] as const];
  });
  const id: Record<string, ParameterRule> = output === undefined ? { UUID: { form: 'id' } } : RESULT;
  return [
    identifier,
    {
      names: [name],
      ...(output === undefined ? {} : { output }),
      parameters: { ...id, ...exported, ...Object.fromEntries(rules.flat()) },
    },
  ];
}

export const ACTIONS: Readonly<Record<string, ActionRule>> = {
  ...Object.fromEntries(Object.entries<Tool>(toolkit.actions).map((entry) => ruleOf(...entry))),
  ...BLOCKS,
};
