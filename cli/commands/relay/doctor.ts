/**
 * `homing relay doctor`: looks at everything that the agent needs, and says step by step how to put right what
 * is missing. It changes nothing; only --send-test sends a text, to the own number.
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
import {
  addBrokerOptions,
  addLogOption,
  addMacOptions,
  addServiceOptions,
  type BrokerOptions,
  errorFileOf,
  isSet,
  knownBroker,
  type LogOptions,
  type MacOptions,
  type ServiceOptions,
  serviceOf,
  setupAction,
  storeOf,
} from './options.ts';
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
    .description('Check everything that the agent needs, and say how to put right what is missing.')
    .option('--send-test [number]', 'also send a text to the own number, and watch for it in Messages')
    .option('--json', 'print one JSON array of {name, ok, detail, fix}');
  const options = [addBrokerOptions, addMacOptions, addSenderOptions, addServiceOptions, addLogOption];
  for (const add of options) add(command);
  return command.action(
    setupAction(async (options: DoctorOptions) => {
      const findings = await runChecks(checksFor(options), (finding) => {
        if (!options.json) show(finding);
      });
      const failed = findings.filter(({ ok }) => !ok).length;
      if (options.json) printJson(findings);
      else {
        printLine();
        printLine(
          failed === 0
            ? 'All is well.'
            : `${failed} of ${findings.length} need${failed === 1 ? 's' : ''} attention.`,
        );
      }
      // Where Messages stalls, osascript may still run for two minutes.
      process.exit(failed === 0 ? EXIT.done : EXIT.failed);
    }),
  );
}

function checksFor(options: DoctorOptions): Check[] {
  const holder = permissionHolder(process.execPath, process.env);
  const store = storeOf(options);
  const numbers = () => store.read()?.numbers ?? (options.token === undefined ? undefined : []);
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
  const named = options.sendTest === true ? undefined : String(options.sendTest);
  if (named !== undefined && !isPhoneNumber(named)) {
    throw new CommandError(
      `--send-test was given '${named}'; it takes +14155550199, or nothing.`,
      EXIT.usage,
    );
  }
  checks.push(
    sendTestCheck({
      sender: senderFrom(options, () => {}),
      chatDb: options.chatDb,
      to: () => named ?? numbers()?.[0],
      holder,
      now: () => Date.now(),
    }),
  );
  return checks;
}

function show({ name, ok, detail, fix }: Finding): void {
  printLine(`${ok ? '✓' : '✗'} ${name}: ${detail}`);
  for (const step of fix?.split('\n') ?? []) printLine(`    ${step}`);
}
