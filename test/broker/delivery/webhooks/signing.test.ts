import { createHmac } from 'node:crypto';
import { Webhook as Verifier } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { bodySignature, secretsOf, standardHeaders } from '../../../../broker/delivery/webhooks/signing.ts';
import { secrets } from '../../../../broker/secrets.ts';

const BODY = '{"type":"message.received","data":{"content":"Déjà vu 👍"}}';

describe('the Standard Webhooks headers', () => {
  it('are accepted by the verifier of the library with the current and with the previous secret', () => {
    const [current, previous] = [secrets.newWebhookSecret(), secrets.newWebhookSecret()];
    const timestamp = Math.floor(Date.now() / 1_000);
    const headers = standardHeaders({ id: 'evt_1', timestamp, body: BODY }, [current, previous]);
    expect(new Verifier(current).verify(BODY, headers)).toEqual(JSON.parse(BODY));
    expect(new Verifier(previous).verify(BODY, headers)).toEqual(JSON.parse(BODY));
    expect(() => new Verifier(secrets.newWebhookSecret()).verify(BODY, headers)).toThrow(
      'No matching signature',
    );
    expect(() => new Verifier(current).verify(`${BODY} `, headers)).toThrow('No matching signature');
  });

  it('sign the id, the timestamp and the body with the decoded bytes of the secret', () => {
    const key = Buffer.from('a key of exactly 24 byte');
    const signature = createHmac('sha256', key).update(`evt_1.1795000000.${BODY}`).digest('base64');
    expect(
      standardHeaders({ id: 'evt_1', timestamp: 1_795_000_000, body: BODY }, [
        `whsec_${key.toString('base64')}`,
      ]),
    ).toEqual({
      'webhook-id': 'evt_1',
      'webhook-timestamp': '1795000000',
      'webhook-signature': `v1,${signature}`,
    });
  });
});

describe('the secrets of a webhook', () => {
  const webhook = { secret: 'new', previousSecret: 'old', previousSecretUntil: 2_000 };

  it('include the previous secret until its overlap ends', () => {
    const secretsAt = (now: number) => secretsOf(webhook as Parameters<typeof secretsOf>[0], now);
    expect(secretsAt(1_999)).toEqual(['new', 'old']);
    expect(secretsAt(2_000)).toEqual(['new']);
  });
});

describe('the signature of the body', () => {
  it('is the HMAC-SHA256 in hex, with the secret as text for its key', () => {
    expect(bodySignature(BODY, 'whsec_abc')).toBe(
      createHmac('sha256', 'whsec_abc').update(BODY).digest('hex'),
    );
  });
});
