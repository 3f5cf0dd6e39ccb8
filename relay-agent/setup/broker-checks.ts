/** What the doctor looks at between the Mac and the broker. */
import { type Answered, notABroker, probeHealth, probeToken, type Unreachable } from './broker-probe.ts';
import { type Check, type Verdict, well, wrong } from './check.ts';
import { PAIR_COMMAND } from './setup-link.ts';

export interface BrokerContext {
  /** The broker's address. @throws where the Mac is not paired, or the certificates can't be read. */
  url(): string;
  /** @throws where there is none. */
  token(): Promise<string>;
}

/** Beyond this, what came in seems to be from another time, and certificates are refused at their edges. */
const CLOCK_OFF_MAX_MS = 60_000;

export function brokerChecks({ url, token }: BrokerContext): Check[] {
  let asked: Promise<Answered | Unreachable> | undefined;
  const health = (address: string) => {
    asked ??= probeHealth(address);
    return asked;
  };
  /** Everything needs an address first; why there is none is said once. */
  const withUrl = async (look: (address: string) => Promise<Verdict>, saysWhy = false): Promise<Verdict> => {
    let address: string;
    try {
      address = url();
    } catch (error) {
      return saysWhy
        ? wrong((error as Error).message, `Put that right, or pair this Mac anew: ${PAIR_COMMAND}`)
        : wrong('It is not known how to reach the broker.', 'Put the check `broker` right first.');
    }
    return look(address);
  };
  return [
    { name: 'clock', look: () => withUrl(async (address) => clock(await health(address))) },
    { name: 'broker', look: () => withUrl(async (address) => broker(address, await health(address)), true) },
    { name: 'token', look: () => withUrl((address) => tokenAccepted(address, token)) },
  ];
}

function clock(answer: Answered | Unreachable): Verdict {
  if (answer.kind === 'unreachable' || answer.date === undefined) {
    return wrong(
      answer.kind === 'unreachable'
        ? 'The clocks can only be compared when the broker answers.'
        : 'The broker did not say what time it has.',
      'Put the check `broker` right first.',
    );
  }
  const offMs = answer.receivedAt - answer.date;
  const seconds = Math.round(Math.abs(offMs) / 1000);
  if (Math.abs(offMs) <= CLOCK_OFF_MAX_MS)
    return well(`This Mac's clock and the broker's are ${seconds} s apart.`);
  return wrong(
    `This Mac's clock is ${seconds} s ${offMs > 0 ? 'ahead of' : 'behind'} the broker's.`,
    'Switch on System Settings → General → Date & Time → Set time and date automatically.',
    "Where the Mac's time is right, set the clock of the broker's machine.",
  );
}

function broker(url: string, answer: Answered | Unreachable): Verdict {
  const unreachable =
    answer.kind === 'unreachable'
      ? answer
      : answer.status === 200
        ? undefined
        : notABroker(url, answer.status);
  if (unreachable === undefined) return well(`${url} answers.`);
  return wrong(`${unreachable.problem}.`, ...unreachable.steps);
}

async function tokenAccepted(url: string, token: () => Promise<string>): Promise<Verdict> {
  let shown: string;
  try {
    shown = await token();
  } catch (error) {
    return wrong((error as Error).message, `Put that right, or pair this Mac anew: ${PAIR_COMMAND}`);
  }
  const answer = await probeToken(url, shown);
  if (answer === 'accepted') return well('The broker accepts the token.');
  if (answer === 'refused') {
    return wrong(
      'The broker does not accept the token: it was revoked, or a newer pairing has replaced it.',
      'Beside the broker: npx homing pair +1… with the number of this Mac.',
      `Here: ${PAIR_COMMAND}`,
    );
  }
  return wrong(`${answer.problem}.`, ...answer.steps);
}
