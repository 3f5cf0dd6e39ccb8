/** Implements `homing serve`: runs the broker until SIGINT or SIGTERM. */
import { Command } from 'commander';
import type { Logger } from 'pino';
import { LINK_MINUTES, signInUrl } from '../../broker/core/members/sign-in-links.ts';
import { databaseFile } from '../../broker/data-folder.ts';
import type { BrokerRun } from '../../broker/run-broker.ts';
import { damaged } from '../../broker/store/sqlite/database-file.ts';
import { maskNumbers } from '../../shared/phone-numbers.ts';
import { portOwner } from '../port-owner.ts';
import { addSettings, configOf } from '../settings-options.ts';
import { action, type OutputOptions, printJson, printLine, printNotice } from '../terminal.ts';
import { formatLogLine } from '../terminal-log.ts';

/** Maximum duration of a clean stop after the drain. Then the process exits with open requests. */
const STOP_AFTER_DRAIN_MS = 9_000;
/** The longest drain without a setting. */
const DRAIN_MS = 3_000;
/** Maximum duration of a clean stop without a setting. */
export const STOP_MAX_MS = DRAIN_MS + STOP_AFTER_DRAIN_MS;

export function serveCommand(): Command {
  const command = new Command('serve').description('Run the broker.');
  return addSettings(command)
    .option(
      '--json',
      'one line of JSON output: the URL of the broker, and at the first start the API keys and a sign-in link',
    )
    .action(
      action(async (options: OutputOptions) => {
        const config = configOf(command);
        // The other commands start faster without the server.
        const { runBroker } = await import('../../broker/run-broker.ts');
        const log = await createLog(config.logLevel, config.logNumbers);
        const stopLater = stopOnSignals(log, config.drainSeconds);
        const broker = await runBroker(config, log).catch(async (error: NodeJS.ErrnoException) => {
          if (error.code === 'EADDRINUSE') error.message = await portInUse(config);
          throw error;
        });
        // The welcome shows a user the same.
        if (!process.stderr.isTTY) log.info({ url: broker.url, dataDir: config.dataDir }, 'broker listening');
        stopLater(broker);
        broker.ended.catch((error) => {
          log.fatal({ err: error }, 'the broker cannot run on');
          process.exit(1);
        });
        void broker.damage.then(async (problem) => {
          if (problem === undefined) return;
          log.fatal({ problem }, damaged(databaseFile(config.dataDir)));
          await broker.stop();
          process.exit(1);
        });
        if (options.json) printJson(startOutput(broker));
        else printWelcome(broker);
      }),
    );
}

async function portInUse({ port, host }: { port: number; host: string }): Promise<string> {
  const owner = await portOwner(port);
  const program = owner === undefined ? 'another program' : `process ${owner.pid} (${owner.command})`;
  return `Port ${port} of ${host} is in use by ${program}. Stop that program, or use another port with --port or HOMING_PORT.`;
}

async function createLog(level: string, showsNumbers: boolean): Promise<Logger> {
  const { pino } = await import('pino');
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: {
        // Errors of other programs can contain phone numbers.
        err(error: Error) {
          const fields = pino.stdSerializers.err(error);
          if (showsNumbers) return fields;
          return { ...fields, message: maskNumbers(fields.message), stack: maskNumbers(fields.stack) };
        },
      },
      redact: ['*.key', '*.token', '*.content', 'req.headers'],
    },
    process.stderr.isTTY
      ? { write: (line) => printNotice(formatLogLine(line)) }
      : pino.destination({ dest: 2, sync: false }),
  );
}

/**
 * Stops the broker that is given to the returned function. A signal before that ends the process: the start may wait for the
 * database, and the first process of a container has no default action for signals.
 */
function stopOnSignals(log: Logger, drainSeconds: number | undefined): (started: BrokerRun) => void {
  const stopMaxMs = drainSeconds === undefined ? STOP_MAX_MS : drainSeconds * 1_000 + STOP_AFTER_DRAIN_MS;
  let broker: BrokerRun | undefined;
  let isStopping = false;
  const stop = (signal: NodeJS.Signals) => {
    // A second Ctrl-C exits immediately.
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info({ signal }, 'signal received');
    if (broker === undefined) process.exit(0);
    setTimeout(() => {
      log.error('did not stop in time');
      process.exit(1);
    }, stopMaxMs).unref();
    broker.stop().then(
      () => process.exit(0),
      (error) => {
        log.fatal({ err: error }, 'could not stop cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  return (started) => {
    broker = started;
  };
}

function startOutput({ url, publicUrl, firstKeys, standsBy }: BrokerRun) {
  return {
    url,
    public_url: publicUrl,
    ...(standsBy ? { stands_by: true } : {}),
    ...(firstKeys === undefined
      ? {}
      : {
          live_key: firstKeys.live.key,
          test_key: firstKeys.test.key,
          dashboard_url: signInUrl(publicUrl, firstKeys.signInToken),
        }),
  };
}

function printWelcome({ url, publicUrl, firstKeys, standsBy }: BrokerRun): void {
  printLine();
  if (standsBy) {
    printLine(`Homing stands by on ${url}: a broker of an earlier version is active on the database.`);
    printLine('It starts when that broker has ended.');
    printLine();
    return;
  }
  printLine(`Homing is listening on ${url}${publicUrl === url ? '' : ` (public: ${publicUrl})`}`);
  printLine();
  if (firstKeys === undefined) {
    printLine('Dashboard:  npx homing dashboard   (prints a sign-in link)');
    printLine('API keys:   npx homing keys list   (create one: npx homing keys create)');
    printLine('Your phone: npx homing pair +1…');
  } else {
    printLine(`Open the dashboard with this link. It works once, within ${LINK_MINUTES} minutes:`);
    printLine(`  ${signInUrl(publicUrl, firstKeys.signInToken)}`);
    printLine();
    printLine('Your first API keys. They are shown once, so store them:');
    printLine(`  live  ${firstKeys.live.key}`);
    printLine(`  test  ${firstKeys.test.key}`);
    printLine();
    printLine('Try it without a phone. The sandbox delivers the message and replies with an echo:');
    printLine();
    printLine(
      `curl -sS ${url}/v1/messages/send -H 'x-api-key: ${firstKeys.test.key}' -H 'content-type: application/json' ` +
        `-d '{"to":"+15005550014","from":"+15005550006","content":"Hello from Homing"}'`,
    );
    printLine();
    printLine('Then list the message and its echo:');
    printLine();
    printLine(`curl -sS ${url}/v1/messages -H 'x-api-key: ${firstKeys.test.key}'`);
    printLine();
    printLine('To pair your phone: npx homing pair +1…');
  }
  printLine(`Documentation: ${url}/docs`);
  printLine();
}
