/**
 * Implements `homing relay doctor`: checks every requirement of the agent, and prints the steps to fix each failure. It
 * changes nothing. With `--send-test`, it sends a text to the paired number.
 */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { agentCheck } from '../../../relay-agent/setup/agent-check.ts';
import { brokerChecks } from '../../../relay-agent/setup/broker-checks.ts';
import { type Check, type Finding, runChecks } from '../../../relay-agent/setup/check.ts';
import { messagesChecks } from '../../../relay-agent/setup/messages-checks.ts';
import { permissionHolder } from '../../../relay-agent/setup/permissions.ts';
import { runProgram } from '../../../relay-agent/setup/run-program.ts';
import { sendTestCheck } from '../../../relay-agent/setup/send-test-check.ts';
import { isPhoneNumber } from '../../../shared/phone-numbers.ts';
import { CommandError, EXIT, type OutputOptions, printJson, printLine } from '../../terminal.ts';
import { addBrokerOptions, type BrokerOptions, givenToken, knownBroker } from './broker-options.ts';
import {
  addLogOption,
  addMacOptions,
  addServiceOptions,
  errorFileOf,
  type LogOptions,
  type MacOptions,
  type ServiceOptions,
  serviceOf,
  storeOf,
} from './mac-options.ts';
import { isSet, relayAction } from './relay-action.ts';
import { addSenderOptions, type SenderOptions, senderFrom } from './sender-options.ts';

interface DoctorOptions
  extends OutputOptions,
    BrokerOptions,
    MacOptions,
    SenderOptions,
    ServiceOptions,
    LogOptions {
  sendTest?: boolean | string;
}

const SW_VERS = '/usr/bin/sw_vers';

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
      const findings = await runChecks(checksFor(options), (finding) => {
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

function checksFor(options: DoctorOptions): Check[] {
  const holder = permissionHolder(process.execPath, process.env);
  const store = storeOf(options);
  const numbers = () => store.read()?.numbers ?? (givenToken(options) === undefined ? undefined : []);
  const logFile = resolve(options.logFile);
  const checks = [
    ...messagesChecks({
      platform: process.platform,
      allowsOtherOs: isSet(options.allowOtherOs),
      chatDb: options.chatDb,
      osascript: options.osascript,
      swVers: SW_VERS,
      run: runProgram,
      holder,
      numbers,
    }),
    ...brokerChecks(knownBroker(options)),
    agentCheck({ service: serviceOf(options), logFile, errorFile: errorFileOf({ logFile }), holder }),
  ];
  if (options.sendTest === undefined) return checks;
  const number = options.sendTest === true ? undefined : String(options.sendTest);
  if (number !== undefined && !isPhoneNumber(number)) {
    throw new CommandError(
      `--send-test was given '${number}'; allowed: a number in E.164 format, such as +14155550199, or no value.`,
      EXIT.usage,
    );
  }
  checks.push(
    sendTestCheck({
      sender: senderFrom(options, () => {}),
      chatDb: options.chatDb,
      to: () => number ?? numbers()?.[0],
      holder,
      now: () => Date.now(),
    }),
  );
  return checks;
}

function printFinding({ name, ok, detail, fix }: Finding): void {
  printLine(`${ok ? '✓' : '✗'} ${name}: ${detail}`);
  for (const step of fix?.split('\n') ?? []) printLine(`    ${step}`);
}
