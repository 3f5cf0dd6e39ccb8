/** `homing serve`: runs the broker until it is told to stop. */
import { Command } from 'commander';
import type { Logger } from 'pino';
import type { Broker } from '../../broker/main.ts';
import { maskNumbers } from '../../shared/phone-numbers.ts';
import { addSettings, configOf } from '../settings-options.ts';
import { action, type OutputOptions, printJson, printLine } from '../terminal.ts';

/** Past this the process ends whatever is still open. */
const STOP_MAX_MS = 9_000;

export function serveCommand(): Command {
  const command = new Command('serve').description('Run the broker.');
  return addSettings(command)
    .option('--json', 'print the address (and the first keys, at the first start) as one line of JSON')
    .action(
      action(async (options: OutputOptions) => {
        const config = configOf(command);
        // Loaded here, so that the other commands start without the server.
        const { startBroker } = await import('../../broker/main.ts');
        const log = await createLog(config.logLevel, config.logNumbers);
        const broker = await startBroker(config, log).catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'EADDRINUSE') {
            error.message =
              `Port ${config.port} of ${config.host} is taken by another program. ` +
              'Stop it, or choose another port with --port or HOMING_PORT.';
          }
          throw error;
        });
        stopOnSignals(broker, log);
        if (options.json) printJson(announcement(broker));
        else printWelcome(broker);
      }),
    );
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
        // What others say went wrong names the numbers that it went wrong with.
        err(error: Error) {
          const shown = pino.stdSerializers.err(error);
          if (showsNumbers) return shown;
          return { ...shown, message: maskNumbers(shown.message), stack: maskNumbers(shown.stack) };
        },
      },
      redact: ['*.key', '*.token', '*.content', 'req.headers'],
    },
    pino.destination({ dest: 2, sync: false }),
  );
}

function stopOnSignals(broker: Broker, log: Logger): void {
  let isStopping = false;
  const stop = (signal: NodeJS.Signals) => {
    // A second Ctrl-C means: now.
    if (isStopping) process.exit(1);
    isStopping = true;
    log.info({ signal }, 'signal received');
    setTimeout(() => {
      log.error('did not stop in time');
      process.exit(1);
    }, STOP_MAX_MS).unref();
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
}

function announcement({ url, publicUrl, firstKeys }: Broker) {
  return {
    url,
    public_url: publicUrl,
    ...(firstKeys === undefined ? {} : { live_key: firstKeys.live.key, test_key: firstKeys.test.key }),
  };
}

function printWelcome({ url, publicUrl, firstKeys }: Broker): void {
  printLine();
  printLine(`Homing is listening on ${url}${publicUrl === url ? '' : ` (public: ${publicUrl})`}`);
  printLine();
  if (firstKeys === undefined) {
    printLine('Keys:      npx homing keys list        (a new one: npx homing keys create)');
    printLine('Your phone: npx homing pair +1…');
  } else {
    printLine('Your first keys; they are shown this once, so keep them:');
    printLine(`  live  ${firstKeys.live.key}`);
    printLine(`  test  ${firstKeys.test.key}`);
    printLine();
    printLine('Try it without a phone. The sandbox takes the message, delivers it and answers with an echo:');
    printLine();
    printLine(
      `curl -sS ${url}/v1/messages/send -H 'x-api-key: ${firstKeys.test.key}' -H 'content-type: application/json' ` +
        `-d '{"to":"+15005550014","from":"+15005550006","content":"Hello from Homing"}'`,
    );
    printLine();
    printLine('Then see it delivered, with its echo:');
    printLine();
    printLine(`curl -sS ${url}/v1/messages -H 'x-api-key: ${firstKeys.test.key}'`);
    printLine();
    printLine('With your own phone: npx homing pair +1…');
  }
  printLine();
}
