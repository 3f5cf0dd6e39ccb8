/** Checks the connection between the Mac and the broker: address, clock and token. */
import {
  type HealthResponse,
  notABroker,
  probeHealth,
  probeToken,
  type Unreachable,
} from './broker-probe.ts';
import { type Check, failed, passed, type Verdict } from './check.ts';
import { PAIR_COMMAND } from './setup-link.ts';

export interface BrokerContext {
  /** URL of the broker. @throws if the Mac is not paired, or the certificates cannot be read. */
  url(): string;
  /** @throws if there is no token. */
  token(): Promise<string>;
}

/** A larger difference gives messages wrong times, and makes new or expiring certificates fail. */
const CLOCK_OFFSET_MAX_MS = 60_000;

export function brokerChecks({ url, token }: BrokerContext): Check[] {
  let pending: Promise<HealthResponse | Unreachable> | undefined;
  const health = (address: string) => {
    pending ??= probeHealth(address);
    return pending;
  };
  /** All checks need the URL; only one of them reports why it is missing. */
  const withUrl = async (check: (url: string) => Promise<Verdict>, isReporting = false): Promise<Verdict> => {
    let address: string;
    try {
      address = url();
    } catch (error) {
      return isReporting
        ? failed((error as Error).message, `Fix this problem, or pair this Mac again: ${PAIR_COMMAND}`)
        : failed('The URL of the broker is unknown.', 'Fix the check `broker` first.');
    }
    return check(address);
  };
  return [
    { name: 'clock', run: () => withUrl(async (address) => clock(await health(address))) },
    { name: 'broker', run: () => withUrl(async (address) => broker(address, await health(address)), true) },
    { name: 'token', run: () => withUrl((address) => tokenAccepted(address, token)) },
  ];
}

function clock(response: HealthResponse | Unreachable): Verdict {
  if (response.kind === 'unreachable' || response.date === undefined) {
    return failed(
      response.kind === 'unreachable'
        ? 'The clocks can only be compared when the broker responds.'
        : 'The response of the broker has no Date header.',
      'Fix the check `broker` first.',
    );
  }
  const offsetMs = response.receivedAt - response.date;
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  if (Math.abs(offsetMs) <= CLOCK_OFFSET_MAX_MS)
    return passed(`The clocks of this Mac and of the broker differ by ${seconds} s.`);
  return failed(
    `The clock of this Mac is ${seconds} s ${offsetMs > 0 ? 'ahead of' : 'behind'} the clock of the broker.`,
    'Switch on System Settings → General → Date & Time → Set time and date automatically.',
    "If the Mac's time is correct, set the clock of the broker's machine.",
  );
}

function broker(url: string, response: HealthResponse | Unreachable): Verdict {
  const unreachable =
    response.kind === 'unreachable'
      ? response
      : response.status === 200
        ? undefined
        : notABroker(url, response.status);
  if (unreachable === undefined) return passed(`${url} responds.`);
  return failed(`${unreachable.problem}.`, ...unreachable.steps);
}

async function tokenAccepted(url: string, token: () => Promise<string>): Promise<Verdict> {
  let value: string;
  try {
    value = await token();
  } catch (error) {
    return failed((error as Error).message, `Fix this problem, or pair this Mac again: ${PAIR_COMMAND}`);
  }
  const result = await probeToken(url, value);
  if (result === 'accepted') return passed('The broker accepts the token.');
  if (result === 'rejected') {
    return failed(
      'The broker rejects the token: it was revoked, or replaced by a newer pairing.',
      'On the machine of the broker: npx homing pair +1… with the number of this Mac.',
      `On this Mac: ${PAIR_COMMAND}`,
    );
  }
  return failed(`${result.problem}.`, ...result.steps);
}
