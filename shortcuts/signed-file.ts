/**
 * Compares a shortcut with its signed file. Signing removes what the Mac does not know: a Mac before macOS 27 removes
 * the triggers without an error.
 */
import { type PlistValue, parse, parseBinary } from 'plist';
import { identifierOf, isDictionary } from './checks/property-list.ts';

/** `unpacked` is the property list in the signed file. Returns the loss as a sentence; undefined: nothing is missing. */
export function lostParts(unsigned: Uint8Array, unpacked: Uint8Array): string | undefined {
  const before = read(unsigned);
  const after = read(unpacked);
  if (after === undefined) return 'The signed file contains no shortcut.';
  const [triggers, left] = [triggersOf(before), triggersOf(after)];
  if (triggers.join() !== left.join()) {
    return `Signing kept ${left.length} of ${triggers.length} triggers. A Mac before macOS 27 removes them.`;
  }
  const [actions, kept] = [identifiersOf(before), identifiersOf(after)];
  if (actions.join() !== kept.join()) {
    return `Signing kept ${kept.length} of ${actions.length} actions, or changed their order.`;
  }
  const [asked, asking] = [
    listOf(before, 'WFWorkflowImportQuestions'),
    listOf(after, 'WFWorkflowImportQuestions'),
  ];
  if (asked.length !== asking.length) {
    return `Signing kept ${asking.length} of ${asked.length} import questions.`;
  }
  return undefined;
}

function read(bytes: Uint8Array): PlistValue | undefined {
  const text = Buffer.from(bytes).toString('latin1');
  try {
    if (text.startsWith('bplist')) return parseBinary(bytes);
    return text.includes('<plist') ? parse(Buffer.from(bytes).toString('utf8')) : undefined;
  } catch {
    return undefined;
  }
}

function listOf(file: PlistValue | undefined, key: string): readonly PlistValue[] {
  const list = isDictionary(file) ? file[key] : undefined;
  return Array.isArray(list) ? list : [];
}

const identifiersOf = (file: PlistValue | undefined) => listOf(file, 'WFWorkflowActions').map(identifierOf);

/** Names each trigger with its parameters, because iOS drops a trigger that lacks one. */
function triggersOf(file: PlistValue | undefined): string[] {
  return listOf(file, 'WFWorkflowTriggers').map((trigger) => {
    const { WFTriggerIdentifier: identifier, WFTriggerSerializedParameters: parameters } = isDictionary(
      trigger,
    )
      ? trigger
      : {};
    return [identifier, ...Object.keys(isDictionary(parameters) ? parameters : {}).toSorted()].join(' ');
  });
}
