/**
 * Implements the messaging provider with Twilio's SDK, which is loaded only if an account is configured. Every error says
 * whether Twilio certainly did not process the request (`isRejection`). No request is retried here.
 */
import type { MessagingProvider, ProviderTemplate } from '../../core/ports/provider.ts';
import { callbackFrom, channelAddress } from './callbacks.ts';
import { providerErrorOf } from './failures.ts';
import { createRequestClient } from './request-client.ts';
import { templateFrom } from './templates.ts';

export interface TwilioAccount {
  accountSid: string;
  authToken: string;
  /** Replaces the hosts of Twilio, for tests. */
  baseUrl: string | undefined;
}

export interface TwilioOptions {
  /** Whether this broker may send: no other one has taken over its messages. Default: always. */
  maySend?: (() => boolean) | undefined;
}

const TIMEOUT_MS = 15_000;
const NUMBERS_MAX = 20;
const LABEL_MAX_CHARACTERS = 64;
const TEMPLATES_MAX = 1_000;
const TEMPLATES_PAGE = 100;
const API_ORIGIN = 'https://api.twilio.com';

export async function connectTwilio(
  account: TwilioAccount,
  { maySend }: TwilioOptions = {},
): Promise<MessagingProvider> {
  const { accountSid, authToken, baseUrl } = account;
  const { default: sdk } = await import('twilio');
  const client = sdk(accountSid, authToken, {
    httpClient: createRequestClient(sdk, { baseUrl, timeoutMs: TIMEOUT_MS, maySend }),
  });
  const basicAuth = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  const mediaOrigins = [API_ORIGIN, ...(baseUrl === undefined ? [] : [new URL(baseUrl).origin])];

  return {
    name: 'twilio',
    async findNumber(areaCode, isFree) {
      const offered = await withProviderErrors(() =>
        client.availablePhoneNumbers('US').local.list({
          areaCode: Number(areaCode),
          smsEnabled: true,
          limit: NUMBERS_MAX,
          pageSize: NUMBERS_MAX,
        }),
      );
      for (const { phoneNumber } of offered) if (await isFree(phoneNumber)) return phoneNumber;
      return undefined;
    },
    async buyNumber(phoneNumber, label) {
      const friendlyName = [...label].slice(0, LABEL_MAX_CHARACTERS).join('');
      return (
        await withProviderErrors(() => client.incomingPhoneNumbers.create({ phoneNumber, friendlyName }))
      ).sid;
    },
    async findOwned(phoneNumber) {
      // Twilio also returns numbers that contain this one.
      const found = await withProviderErrors(() =>
        client.incomingPhoneNumbers.list({ phoneNumber, limit: NUMBERS_MAX }),
      );
      return found.find((owned) => owned.phoneNumber === phoneNumber)?.sid;
    },
    async configureNumber(ref, { inboundUrl, statusUrl }) {
      await withProviderErrors(() =>
        client
          .incomingPhoneNumbers(ref)
          .update({ smsUrl: inboundUrl, smsMethod: 'POST', statusCallback: statusUrl }),
      );
    },
    async send({ from, to, text, mediaUrls, channel, template, statusUrl }) {
      const { sid } = await withProviderErrors(() =>
        client.messages.create({
          from: channelAddress(channel, from),
          to: channelAddress(channel, to),
          statusCallback: statusUrl,
          ...(template === null
            ? { body: text, ...(mediaUrls.length === 0 ? {} : { mediaUrl: [...mediaUrls] }) }
            : { contentSid: template.contentSid, contentVariables: JSON.stringify(template.variables) }),
        }),
      );
      return sid;
    },
    async listTemplates() {
      const contents = await withProviderErrors(() =>
        client.content.v1.contentAndApprovals.list({ limit: TEMPLATES_MAX, pageSize: TEMPLATES_PAGE }),
      );
      return contents.map(templateFrom).filter((found): found is ProviderTemplate => found !== undefined);
    },
    mediaHeaders(url) {
      return mediaOrigins.includes(new URL(url).origin) ? { authorization: basicAuth } : undefined;
    },
    readCallback({ url, headers, fields }) {
      const signature = headers['x-twilio-signature'];
      const isSigned =
        typeof signature === 'string' && sdk.validateRequest(authToken, signature, url, fields);
      return isSigned ? callbackFrom(fields) : undefined;
    },
  };
}

async function withProviderErrors<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw providerErrorOf(error);
  }
}
