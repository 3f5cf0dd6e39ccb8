/**
 * Asks the broker whether it is there and whether it accepts a token. Neither question changes anything: a
 * running agent's session stays as it is.
 */
const ANSWER_MAX_MS = 15_000;

export interface Unreachable {
  kind: 'unreachable';
  problem: string;
  /** What to do about it, one step each. */
  steps: string[];
}

export interface Answered {
  kind: 'answered';
  status: number;
  /** The broker's clock by its `Date` header, epoch ms; undefined where it sent none. */
  date: number | undefined;
  /** Our clock when the answer came, epoch ms. */
  receivedAt: number;
}

export type TokenProbe = 'accepted' | 'refused' | Unreachable;

export async function probeHealth(url: string): Promise<Answered | Unreachable> {
  try {
    const response = await fetch(`${url}/healthz`, {
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MAX_MS),
    });
    const receivedAt = Date.now();
    await response.body?.cancel();
    const date = Date.parse(response.headers.get('date') ?? '');
    return {
      kind: 'answered',
      status: response.status,
      date: Number.isNaN(date) ? undefined : date,
      receivedAt,
    };
  } catch (error) {
    return explain(url, error as Error);
  }
}

/**
 * A poll without session and hello opens no session, so it throws out none: the broker looks at the token
 * first (401) and then asks for the hello (400).
 */
export async function probeToken(url: string, token: string): Promise<TokenProbe> {
  try {
    const response = await fetch(`${url}/relay/v1/poll`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ session: null, wait: 0, frames: [] }),
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_MAX_MS),
    });
    await response.body?.cancel();
    if (response.status === 400) return 'accepted';
    if (response.status === 401) return 'refused';
    return notABroker(url, response.status);
  } catch (error) {
    return explain(url, error as Error);
  }
}

export function notABroker(url: string, status: number): Unreachable {
  return {
    kind: 'unreachable',
    problem: `${url} answered ${status}, which no broker does`,
    steps: [
      `Look whether ${url} is the broker's address, with the path that a proxy may put in front.`,
      'Look at the log of the broker and of the proxy before it.',
    ],
  };
}

/** Why a request did not get through. fetch says only `fetch failed`; the reason is in its cause. */
export function explain(url: string, error: Error & { cause?: unknown }): Unreachable {
  const cause = (error.cause ?? error) as NodeJS.ErrnoException;
  const code = cause.code ?? '';
  const reason = cause.message || code || error.message;
  const { hostname } = new URL(url);
  const because = (problem: string, ...steps: string[]): Unreachable => ({
    kind: 'unreachable',
    problem: `${url} can't be reached: ${problem}`,
    steps,
  });
  if (error.name === 'TimeoutError' || /TIMEOUT|ETIMEDOUT/.test(code)) {
    return because(
      'it does not answer in time',
      `Look whether ${hostname} is up and this Mac is online.`,
      'A firewall between may swallow the connection: let this Mac through.',
    );
  }
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return because(
        `the name ${hostname} is not known`,
        'Look whether this Mac is online and the address is spelled right.',
        'A name of your own network needs its VPN or DNS.',
      );
    case 'ECONNREFUSED':
      return because(
        'nothing listens there',
        'Start the broker: npx homing serve.',
        'A broker that listens on 127.0.0.1 is reachable from its own machine only: set HOMING_HOST there.',
      );
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return because(
        `its certificate comes from an authority that this Mac does not know (${code})`,
        'Where the authority is your own, save its certificate as a PEM file and name it: HOMING_RELAY_CA_FILE=/path/to/ca.pem (or --ca-file). `relay pair` remembers it, `relay install` hands it to the agent.',
        'Otherwise let the proxy before the broker send the whole chain of its certificate.',
      );
    case 'CERT_HAS_EXPIRED':
      return because('its certificate has expired', 'Renew the certificate of the broker.');
    case 'CERT_NOT_YET_VALID':
      return because(
        'its certificate is not valid yet',
        "Look whether this Mac's clock is right: System Settings → General → Date & Time.",
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return because(
        `its certificate is for another name than ${hostname}`,
        'Use the name that the certificate is for, or have it made for this one too.',
      );
  }
  if (/SSL|TLS|EPROTO/.test(code)) {
    return because(
      `no TLS connection came about (${reason.trim()})`,
      'A broker without a proxy speaks http, not https: look which one the address should begin with.',
    );
  }
  return because(reason, 'Look whether the broker runs and this Mac is online.');
}
