/**
 * Implements `homing relay doctor`: checks every requirement of the agent, and prints the steps to fix each failure. It
 * changes nothing. With `--send-test`, it sends a text to the paired number. A running agent runs the checks of Messages.
 */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { agentCheck } from '../../../relay-agent/setup/agent-check.ts';
import { agentStatusAt, runChecksInAgent } from '../../../relay-agent/setup/agent-socket.ts';
import { brokerChecks } from '../../../relay-agent/setup/broker-checks.ts';
import { type Finding, runChecks } from '../../../relay-agent/setup/check.ts';
import { type PermissionHolder, permissionHolder } from '../../../relay-agent/setup/permissions.ts';
import { isPhoneNumber } from '../../../shared/phone-numbers.ts';
import { CommandError, EXIT, type OutputOptions, printJson, printLine, printNotice } from '../../terminal.ts';
import { addBrokerOptions, type BrokerOptions, knownBroker } from './broker-options.ts';
import {
  addLogOption,
  addMacOptions,
  addServiceOptions,
  errorFileOf,
  type LogOptions,
  type MacOptions,
  type ServiceOptions,
  serviceOf,
  socketOf,
} from './mac-options.ts';
import { checksOfMessages } from './messages-checks.ts';
import { relayAction } from './relay-action.ts';
import { addSenderOptions, type SenderOptions, sendersFrom } from './sender-options.ts';

interface DoctorOptions
  extends OutputOptions,
    BrokerOptions,
    MacOptions,
    SenderOptions,
    ServiceOptions,
    LogOptions {
  sendTest?: boolean | string;
}

export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('Check every requirement of the agent, and print the steps to fix each failure.')
    .option(
      '--send-test [number]',
      'also send a text, and wait for it in Messages (default: to the paired number)',
    )
    .option('--json', 'output as one JSON array of {name, ok, detail, fix}');
  const options = [addBrokerOptions, addMacOptions, addSenderOptions, addServiceOptions, addLogOption];
  for (const add of options) add(command);
  return command.action(
    relayAction(async (options: DoctorOptions) => {
      const findings = await findingsFor(options, (finding) => {
        if (!options.json) printFinding(finding);
      });
      const failed = findings.filter(({ ok }) => !ok).length;
      if (options.json) printJson(findings);
      else {
        printLine();
        printLine(
          failed === 0
            ? 'All checks passed.'
            : `${failed} of ${findings.length} checks failed. Follow the steps above, then run this command again.`,
        );
      }
      // If Messages does not respond, osascript can still run for two minutes.
      process.exit(failed === 0 ? EXIT.done : EXIT.failed);
    }),
  );
}

async function findingsFor(
  options: DoctorOptions,
  onFinding: (finding: Finding) => void,
): Promise<Finding[]> {
  const service = serviceOf(options);
  const holder = permissionHolder(service.program() ?? process.execPath, process.env);
  const sendTest = readSendTest(options.sendTest);
  const logFile = resolve(options.logFile);
  const ofMessages = await findingsOfMessages(options, holder, sendTest, onFinding);
  const checks = [
    ...brokerChecks(knownBroker(options)),
    agentCheck({ service, logFile, errorFile: errorFileOf({ logFile }), holder }),
  ];
  return [...ofMessages, ...(await runChecks(checks, onFinding))];
}

/** Runs the checks in the agent, whose permissions count; without an agent, in this process. */
async function findingsOfMessages(
  options: DoctorOptions,
  holder: PermissionHolder,
  sendTest: string | undefined,
  onFinding: (finding: Finding) => void,
): Promise<Finding[]> {
  const socket = socketOf(options);
  const agent = await agentStatusAt(socket);
  if (agent !== undefined) {
    printNotice(`homing: The agent runs the checks of Messages (process ${agent.pid}, ${agent.program}).`);
    try {
      return await runChecksInAgent(socket, { sendTest }, onFinding);
    } catch (error) {
      throw new CommandError(
        `The agent did not finish the checks: ${(error as Error).message}. Run this command again.`,
      );
    }
  }
  printNotice(
    'homing: No agent responds, so this command runs the checks of Messages itself. The installed agent can have ' +
      'different permissions.',
  );
  const senders = sendersFrom(options, () => {});
  return runChecks(checksOfMessages(options, { holder, senders, sendTest, isAgent: false }), onFinding);
}

function readSendTest(given: string | boolean | undefined): string | undefined {
  if (given === undefined || given === false) return undefined;
  if (given === true) return '';
  if (isPhoneNumber(given)) return given;
  throw new CommandError(
    `--send-test was given '${given}'; allowed: a number in E.164 format, such as +14155550199, or no value.`,
    EXIT.usage,
  );
}

function printFinding({ name, ok, detail, fix }: Finding): void {
  printLine(`${ok ? '✓' : '✗'} ${name}: ${detail}`);
  for (const step of fix?.split('\n') ?? []) printLine(`    ${step}`);
}
