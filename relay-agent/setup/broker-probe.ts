/** Probes whether the broker is reachable and accepts a token. The requests do not affect a running session. */
const RESPONSE_MAX_MS = 15_000;

export interface Unreachable {
  kind: 'unreachable';
  problem: string;
  /** Steps to fix the problem. */
  steps: string[];
}

export interface HealthResponse {
  kind: 'response';
  status: number;
  /** The broker's time from the `Date` header, epoch ms; undefined without the header. */
  date: number | undefined;
  /** Local time of the response, epoch ms. */
  receivedAt: number;
}

export type TokenProbe = 'accepted' | 'rejected' | Unreachable;

export async function probeHealth(url: string): Promise<HealthResponse | Unreachable> {
  try {
    const response = await fetch(`${url}/healthz`, {
      redirect: 'error',
      signal: AbortSignal.timeout(RESPONSE_MAX_MS),
    });
    const receivedAt = Date.now();
    await response.body?.cancel();
    const date = Date.parse(response.headers.get('date') ?? '');
    return {
      kind: 'response',
      status: response.status,
      date: Number.isNaN(date) ? undefined : date,
      receivedAt,
    };
  } catch (error) {
    return explain(url, error as Error);
  }
}

/**
 * Sends a poll without session and hello, which starts no session and so replaces none. The broker checks the token
 * first (401), then the hello (400).
 */
export async function probeToken(url: string, token: string): Promise<TokenProbe> {
  try {
    const response = await fetch(`${url}/relay/v1/poll`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ session: null, wait: 0, frames: [] }),
      redirect: 'error',
      signal: AbortSignal.timeout(RESPONSE_MAX_MS),
    });
    await response.body?.cancel();
    if (response.status === 400) return 'accepted';
    if (response.status === 401) return 'rejected';
    return notABroker(url, response.status);
  } catch (error) {
    return explain(url, error as Error);
  }
}

export function notABroker(url: string, status: number): Unreachable {
  return {
    kind: 'unreachable',
    problem: `${url} returned status ${status}, so it is not a broker`,
    steps: [
      `Check that ${url} is the URL of the broker, including a path prefix of its proxy.`,
      'Read the logs of the broker and of its proxy.',
    ],
  };
}

/** Explains why a request failed. The message of fetch is only `fetch failed`; the reason is in its cause. */
export function explain(url: string, error: Error & { cause?: unknown }): Unreachable {
  const cause = (error.cause ?? error) as NodeJS.ErrnoException;
  const code = cause.code ?? '';
  const reason = cause.message || code || error.message;
  const { hostname } = new URL(url);
  const because = (problem: string, ...steps: string[]): Unreachable => ({
    kind: 'unreachable',
    problem: `Cannot reach ${url}: ${problem}`,
    steps,
  });
  if (error.name === 'TimeoutError' || /TIMEOUT|ETIMEDOUT/.test(code)) {
    return because(
      'the connection timed out',
      `Check that ${hostname} is running and this Mac is online.`,
      'A firewall may drop the connection: allow it for this Mac.',
    );
  }
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return because(
        `the host name ${hostname} was not found`,
        'Check that this Mac is online and the URL is spelled correctly.',
        'For a name in a private network, connect to its VPN or DNS.',
      );
    case 'ECONNREFUSED':
      return because(
        'the connection was refused',
        'Start the broker: npx homing serve.',
        'A broker that listens on 127.0.0.1 is reachable only from its own machine: set HOMING_HOST there.',
      );
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return because(
        `this Mac does not trust the authority of its certificate (${code})`,
        'For a private authority, save its certificate as a PEM file and set HOMING_RELAY_CA_FILE=/path/to/ca.pem (or --ca-file). `relay pair` and `relay install` save the path for the agent.',
        'Otherwise configure the proxy of the broker to send the full certificate chain.',
      );
    case 'CERT_HAS_EXPIRED':
      return because('its certificate has expired', 'Renew the certificate of the broker.');
    case 'CERT_NOT_YET_VALID':
      return because(
        'its certificate is not valid yet',
        "Check this Mac's clock: System Settings → General → Date & Time.",
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return because(
        `its certificate is not valid for the host name ${hostname}`,
        'Use a host name of the certificate, or add this one to the certificate.',
      );
  }
  if (/SSL|TLS|EPROTO/.test(code)) {
    return because(
      `the TLS handshake failed (${reason.trim()})`,
      'A broker without a proxy uses http: check whether the URL must start with http or https.',
    );
  }
  return because(reason, 'Check that the broker is running and this Mac is online.');
}
