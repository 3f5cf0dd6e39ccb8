/**
 * Simulates an iPhone that runs a shortcut: parses the file, executes its actions with real requests, and records the
 * sent messages and shown alerts. It shares no code with the builder. An unknown action is an error of the test.
 *
 * As on the phone, a failed action ends the run, an HTTP error status does not fail the action, and Cancel in an alert
 * ends the run.
 */
import { parseBinary } from 'plist';
import {
  ActionFailure,
  type Content,
  type File,
  fromJson,
  type Message,
  textItem,
  toDictionary,
  toText,
} from './content.ts';
import {
  isConditionMet,
  type Memory,
  type Plist,
  readDictionary,
  readMessage,
  readText,
  readVariable,
} from './parameters.ts';

export interface SentMessage {
  to: string;
  text: string;
  files: File[];
}

export interface Shown {
  kind: 'alert' | 'notification';
  title: string;
  text: string;
}

export type SendEvent = 'fail' | 'sleep' | undefined;

export interface RunOptions {
  /** Answers to the import questions, in order; undefined keeps the default. */
  answers?: ReadonlyArray<string | undefined>;
  /** Input from the automation. */
  input?: Message | string;
  /** Called for each message before it counts as sent. 'fail' fails the send; 'sleep' ends the run after it. */
  onSend?: (message: SentMessage) => SendEvent | Promise<SendEvent>;
  /** Returns true for OK and false for Cancel; default: OK. */
  onAlert?: (alert: Shown) => boolean;
  /** Returns a number in the range [0, 1). */
  random?: () => number;
  /** Stored content of the shortcut, which outlives the run. */
  stored?: Map<string, Content>;
  /** Puts the phone to sleep when aborted, at any point. */
  signal?: AbortSignal;
}

export interface RunResult {
  sent: SentMessage[];
  shown: Shown[];
  ended: 'done' | 'exit' | 'failed' | 'asleep';
  /** The failed action and its message. */
  problem?: string;
}

class EndOfRun extends Error {
  readonly how: 'exit' | 'asleep';

  constructor(how: 'exit' | 'asleep') {
    super(how);
    this.how = how;
  }
}

export async function runShortcut(bytes: Uint8Array, options: RunOptions = {}): Promise<RunResult> {
  const actions = importShortcut(bytes, options.answers ?? []);
  const memory: Memory = { named: new Map(), outputs: new Map(), input: inputContent(options.input) };
  const sent: SentMessage[] = [];
  const shown: Shown[] = [];
  let at = 0;
  try {
    const times: number[] = [];
    while (at < actions.length) {
      if (options.signal?.aborted) throw new EndOfRun('asleep');
      const { WFWorkflowActionIdentifier: identifier, WFWorkflowActionParameters: parameters } = actions[at];
      const mode = parameters.WFControlFlowMode;
      if (identifier === 'is.workflow.actions.conditional') {
        // Reaching an Otherwise in order ends the branch before it.
        if (mode === 1) at = indexOfMode(actions, at, [2]);
        else if (mode === 0 && !isConditionMet(parameters, memory)) at = indexOfMode(actions, at, [1, 2]);
      } else if (identifier === 'is.workflow.actions.repeat.count') {
        if (mode === 0 && parameters.WFRepeatCount < 1) at = indexOfMode(actions, at, [2]);
        else if (mode === 0) times.push(parameters.WFRepeatCount);
        else {
          const left = times.pop()! - 1;
          if (left > 0) {
            times.push(left);
            at = beginningOf(actions, at);
          }
        }
      } else {
        const output = await runAction(identifier, parameters, memory, { sent, shown }, options);
        if (typeof parameters.UUID === 'string') memory.outputs.set(parameters.UUID, output);
      }
      at += 1;
    }
    return { sent, shown, ended: 'done' };
  } catch (error) {
    if (error instanceof EndOfRun) return { sent, shown, ended: error.how };
    if (!(error instanceof ActionFailure)) throw error;
    const problem = `Action ${at} (${actions[at].WFWorkflowActionIdentifier}): ${error.message}`;
    return { sent, shown, ended: 'failed', problem };
  }
}

/** Imports the shortcut: the answers to its questions become parameters of its actions. */
function importShortcut(bytes: Uint8Array, answers: ReadonlyArray<string | undefined>): Plist[] {
  const file: Plist = parseBinary(bytes);
  for (const { WFWorkflowActionParameters: parameters } of file.WFWorkflowActions) {
    if (parameters.WFTextActionText === '') throw new Error('The import rejects an empty Text action.');
  }
  file.WFWorkflowImportQuestions.forEach((question: Plist, index: number) => {
    const { WFWorkflowActionParameters: parameters } = file.WFWorkflowActions[question.ActionIndex];
    parameters[question.ParameterKey] = answers[index] ?? question.DefaultValue;
  });
  return file.WFWorkflowActions;
}

function inputContent(input: Message | string | undefined): Content {
  if (input === undefined) return [];
  return typeof input === 'string' ? [textItem(input)] : [{ kind: 'message', value: input }];
}

/** Returns the index of the next part of the block that the action at `from` belongs to. */
function indexOfMode(actions: readonly Plist[], from: number, modes: readonly number[]): number {
  const { GroupingIdentifier: group } = actions[from].WFWorkflowActionParameters;
  const index = actions.findIndex(
    ({ WFWorkflowActionParameters: parameters }, position) =>
      position > from &&
      parameters.GroupingIdentifier === group &&
      modes.includes(parameters.WFControlFlowMode),
  );
  if (index < 0) throw new Error(`The block of action ${from} has no end.`);
  return index;
}

function beginningOf(actions: readonly Plist[], end: number): number {
  const { GroupingIdentifier: group } = actions[end].WFWorkflowActionParameters;
  return actions.findIndex(
    ({ WFWorkflowActionParameters: parameters }) => parameters.GroupingIdentifier === group,
  );
}

async function runAction(
  identifier: string,
  parameters: Plist,
  memory: Memory,
  { sent, shown }: Pick<RunResult, 'sent' | 'shown'>,
  options: RunOptions,
): Promise<Content> {
  switch (identifier) {
    case 'is.workflow.actions.comment':
      return [];
    case 'is.workflow.actions.gettext':
      return [textItem(readText(parameters.WFTextActionText, memory))];
    case 'is.workflow.actions.setvariable':
      memory.named.set(parameters.WFVariableName, readVariable(parameters.WFInput, memory));
      return [];
    case 'is.workflow.actions.number.random': {
      const { WFRandomNumberMinimum: minimum, WFRandomNumberMaximum: maximum } = parameters;
      const value = minimum + Math.floor((options.random ?? Math.random)() * (maximum - minimum + 1));
      return [{ kind: 'number', value }];
    }
    case 'is.workflow.actions.getvalueforkey': {
      const content = readVariable(parameters.WFInput, memory);
      const dictionary = toDictionary(content);
      const key = readText(parameters.WFDictionaryKey, memory);
      return Object.hasOwn(dictionary, key) ? fromJson(dictionary[key]) : [];
    }
    case 'is.workflow.actions.downloadurl':
      return await download(parameters, memory, options.signal);
    case 'is.workflow.actions.sendmessage': {
      if (parameters.ShowWhenRun !== false) throw new Error('The message waits for a tap on Send.');
      const to = toText(readVariable(parameters.WFSendMessageActionRecipients, memory));
      const message = { to, ...readMessage(parameters.WFSendMessageContent, memory) };
      if (to === '') throw new ActionFailure('no recipients');
      const event = await options.onSend?.(message);
      if (event === 'fail') throw new ActionFailure('the message could not be sent');
      sent.push(message);
      if (event === 'sleep') throw new EndOfRun('asleep');
      return [];
    }
    case 'is.workflow.actions.alert': {
      const alert: Shown = {
        kind: 'alert',
        title: readText(parameters.WFAlertActionTitle, memory),
        text: readText(parameters.WFAlertActionMessage, memory),
      };
      shown.push(alert);
      const isOk = !parameters.WFAlertActionCancelButtonShown || (options.onAlert?.(alert) ?? true);
      if (!isOk) throw new EndOfRun('exit');
      return [];
    }
    case 'is.workflow.actions.notification':
      shown.push({
        kind: 'notification',
        title: readText(parameters.WFNotificationActionTitle, memory),
        text: readText(parameters.WFNotificationActionBody, memory),
      });
      return [];
    case 'is.workflow.actions.getstoredcontent':
      return storeOf(parameters, options).get(readText(parameters.WFStoredContentKey, memory)) ?? [];
    case 'is.workflow.actions.setstoredcontent': {
      const content = [textItem(readText(parameters.WFInput, memory))];
      storeOf(parameters, options).set(readText(parameters.WFStoredContentKey, memory), content);
      return [];
    }
    case 'is.workflow.actions.deletestoredcontent':
      storeOf(parameters, options).delete(readText(parameters.WFStoredContentKey, memory));
      return [];
    case 'is.workflow.actions.exit':
      throw new EndOfRun('exit');
    default:
      throw new Error(`The simulator does not know the action ${identifier}.`);
  }
}

/** A phone before iOS 27 has no stored content: the test gives none. */
function storeOf(parameters: Plist, { stored }: RunOptions): Map<string, Content> {
  if (stored === undefined) throw new Error('This version of iOS has no stored content.');
  if (parameters.WFStoredContentGlobalValue !== false) {
    throw new Error('The simulator stores only values of one shortcut.');
  }
  return stored;
}

async function download(
  parameters: Plist,
  memory: Memory,
  signal: AbortSignal | undefined,
): Promise<Content> {
  const url = readText(parameters.WFURL, memory);
  const headers = new Headers(
    parameters.WFHTTPHeaders === undefined ? {} : readDictionary(parameters.WFHTTPHeaders, memory),
  );
  let body: string | null = null;
  // WorkflowKit reads WFJSONValues only if the type equals "JSON", in this case.
  if (parameters.WFHTTPMethod !== 'GET' && parameters.WFHTTPBodyType === 'JSON') {
    body = JSON.stringify(readDictionary(parameters.WFJSONValues, memory));
    if (!headers.has('content-type')) headers.set('content-type', 'application/json');
  }
  try {
    const response = await fetch(url, {
      method: parameters.WFHTTPMethod,
      headers,
      body,
      signal: signal ?? null,
    });
    const type = (response.headers.get('content-type') ?? '').split(';')[0]!;
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (type === 'application/json') return fromJson(JSON.parse(new TextDecoder().decode(bytes)));
    if (type.startsWith('text/')) return [textItem(new TextDecoder().decode(bytes))];
    const name = decodeURIComponent(new URL(url).pathname.split('/').at(-1)!);
    return bytes.length === 0 ? [] : [{ kind: 'file', value: { name, type, bytes } }];
  } catch (error) {
    if (signal?.aborted) throw new EndOfRun('asleep');
    throw new ActionFailure(`could not get ${url}: ${(error as Error).message}`);
  }
}
