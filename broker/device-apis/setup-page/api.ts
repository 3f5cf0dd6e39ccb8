/**
 * Serves the setup page of an iPhone at `/setup-shortcut?token=dev_…`, the address of a setup link.
 *
 * - Opening the page does not use the link. Its button, which names the number, exchanges the code of the link for the
 *   device token. The code expires after 15 minutes.
 * - Only a phone can use the link. Other browsers show the link as a QR code.
 * - A cookie then holds the token, so that no address contains it.
 * - The page shows three steps and ticks each one when the phone has completed it.
 */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { HomingError } from '../../core/model/errors.ts';
import { PAIRING_MINUTES } from '../../core/numbers/device-pairing.ts';
import { identityOf } from '../../devices/authenticate-device.ts';
import type { DeviceContext } from '../../devices/context.ts';
import { type ExchangeContext, exchangeCode } from '../../devices/pairing-code.ts';
import type { ShortcutSigning } from '../../devices/shortcut-signing.ts';
import { HTTP_STATUSES } from '../../http/error-response.ts';
import { type Api, type OperationResponse, operation } from '../../http/operation.ts';
import type { PublicUrl } from '../../http/public-url.ts';
import { readBytes } from '../../http/request-body.ts';
import { effortOf } from './effort.ts';
import { assertConfirmed, assertSameOrigin, isPhone } from './form-request.ts';
import { confirmationPage, qrCodePage } from './link-pages.ts';
import { LIVE_SCRIPT } from './live-script.ts';
import type { OfferedShortcut } from './offered-shortcut.ts';
import { problemPage } from './problem-page.ts';
import { recipePage } from './recipe-page.ts';
import { stepsPage } from './steps-page.ts';

export interface SetupPageOptions
  extends ExchangeContext,
    Pick<DeviceContext, 'failedCodes' | 'failedTokens'> {
  signing: ShortcutSigning;
  address: PublicUrl;
}

interface Phone {
  deviceId: string;
  tenantId: number;
  token: string;
  phoneNumber: string;
}

const PATH = '/setup-shortcut';
const HTML = 'text/html; charset=utf-8';
const COOKIE = 'homing_setup';
const COOKIE_SECONDS = 24 * 60 * 60;
const BODY_LIMIT_BYTES = 4 * 1024;
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'self'; connect-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  // The address contains the code, which must not reach other sites. With no-referrer, a browser would send no Origin.
  'referrer-policy': 'same-origin',
};

export function setupPageApi(options: SetupPageOptions): Api<undefined> {
  const { store, signing, keyContext, address, failedCodes, failedTokens } = options;
  const { secrets, now } = keyContext;
  let built: { url: string; shortcuts: readonly OfferedShortcut[] } | undefined;
  const shortcutsFor = async (request: IncomingMessage) => {
    const url = address.addressFor(request);
    if (built?.url === url) return built.shortcuts;
    // Loaded here, so that the package of property lists does not delay the start of the broker.
    const { offerShortcuts } = await import('./offered-shortcut.ts');
    built = { url, shortcuts: offerShortcuts(url) };
    return built.shortcuts;
  };

  const phoneOf = async (request: IncomingMessage): Promise<Phone> => {
    const token = new RegExp(`(?:^|; )${COOKIE}=(dev_[\\w-]+)`).exec(request.headers.cookie ?? '')?.[1];
    const identity = await identityOf(token, { store, secrets });
    if (token === undefined || identity === undefined) {
      const error = new HomingError(
        'not_found',
        'This page needs a setup link. Open your link, or run `homing pair` for a new one.',
      );
      throw token === undefined ? error : failedTokens.count(request, error);
    }
    const { device, numbers } = identity;
    return {
      deviceId: device.id,
      tenantId: device.tenantId,
      token,
      phoneNumber: numbers[0]?.phoneNumber ?? '',
    };
  };
  const pairingOf = async (code: string) => {
    const pairing = await store.read.devices.findPairing(secrets.hash(code));
    if (pairing !== undefined) return pairing;
    throw new HomingError('not_found', 'This setup link is unknown. Run `homing pair` for a new one.');
  };
  const phoneNumberOf = async (deviceId: string) =>
    (await store.read.numbers.ofDevice(deviceId))[0]?.phoneNumber ?? '';
  const offered = async (slug: string | undefined, request: IncomingMessage): Promise<OfferedShortcut> => {
    const found = (await shortcutsFor(request)).find((shortcut) => shortcut.slug === slug);
    if (found === undefined) throw new HomingError('not_found', 'There is no shortcut with this name.');
    return found;
  };

  return {
    name: 'setup-page',
    authenticate: () => ({ caller: undefined, headers: PAGE_HEADERS }),
    mapError: ({ code, message }) => ({
      status: HTTP_STATUSES[code],
      contentType: HTML,
      body: problemPage({ message, minutes: PAIRING_MINUTES, brokerUrl: address.publicUrl() }),
    }),
    operations: [
      operation<undefined, { token?: string | undefined }, unknown>({
        id: 'setupPage',
        method: 'GET',
        path: PATH,
        summary: 'Show the page of a setup link',
        query: z.object({ token: z.string().max(200).optional() }),
        responses: {
          200: { description: 'The instructions to connect the device.' },
          404: { description: 'The link is unknown.' },
          410: { description: 'The link was used or has expired.' },
        },
        async handle({ query: { token }, request }) {
          if (token === undefined) return page(await steps(await phoneOf(request), request));
          const pairing = await failedCodes.guard(request, () => pairingOf(token));
          if (pairing.redeemedAt !== null) {
            // The phone that used the link may open it again.
            const phone = await phoneOf(request).catch(() => undefined);
            if (phone?.deviceId === pairing.deviceId) return redirect(PATH);
            throw new HomingError(
              'gone',
              'This setup link was used already: the device is paired. Run `homing pair` for a new link.',
            );
          }
          const leftMs = pairing.expiresAt - now();
          if (leftMs <= 0) {
            throw new HomingError(
              'gone',
              `This setup link is older than ${PAIRING_MINUTES} minutes. Run \`homing pair\` for a new one.`,
            );
          }
          const [number] = await store.read.numbers.ofDevice(pairing.deviceId);
          const view = {
            phoneNumber: number?.phoneNumber ?? '',
            code: token,
            minutesLeft: Math.ceil(leftMs / 60_000),
            brokerUrl: address.addressFor(request),
            effort: await effort(request, number?.tenantId),
          };
          return page(await (isPhone(request) ? confirmationPage(view) : qrCodePage(view)));
        },
      }),
      operation<undefined, unknown, unknown>({
        id: 'connectPhone',
        method: 'POST',
        path: PATH,
        summary: 'Connect the phone that shows the page',
        responses: {
          303: { description: 'Connected. The location is the page with the steps.' },
          401: { description: 'The link is unknown.' },
          400: { description: 'The form does not confirm the number.' },
          403: { description: 'The form is on another site, or the browser does not run on a phone.' },
          410: { description: 'The link was used or has expired.' },
        },
        async handle({ request }) {
          assertSameOrigin(request, address);
          const form = new URLSearchParams((await readBytes(request, BODY_LIMIT_BYTES)).toString('utf8'));
          const code = form.get('token') ?? '';
          const pairing = await store.read.devices.findPairing(secrets.hash(code));
          if (pairing?.redeemedAt === null && pairing.expiresAt > now()) {
            assertConfirmed(request, form.get('number'), await phoneNumberOf(pairing.deviceId));
          }
          const { token } = await failedCodes.guard(request, () => exchangeCode(options, code));
          const secure = address.addressFor(request).startsWith('https:') ? '; Secure' : '';
          const cookie = `${COOKIE}=${token}; Path=${PATH}; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Strict`;
          return { ...redirect(PATH), headers: { location: PATH, 'set-cookie': cookie + secure } };
        },
      }),
      operation<undefined, unknown, unknown>({
        id: 'setupState',
        method: 'GET',
        path: `${PATH}/state`,
        summary: 'Get the finished steps',
        responses: {
          200: {
            description: 'The page reads this every two seconds.',
            schema: z.object({ connected: z.boolean(), checked: z.boolean(), first_message: z.boolean() }),
          },
        },
        async handle({ request }) {
          return { status: 200, body: await stateOf(await phoneOf(request)) };
        },
      }),
      operation<undefined, unknown, unknown>({
        id: 'setupScript',
        method: 'GET',
        path: `${PATH}/live.js`,
        summary: 'Get the script of the page',
        responses: { 200: { description: 'JavaScript.' } },
        async handle() {
          return { status: 200, contentType: 'text/javascript; charset=utf-8', body: LIVE_SCRIPT };
        },
      }),
      operation<undefined, unknown, unknown>({
        id: 'setupShortcutFile',
        method: 'GET',
        path: `${PATH}/files/:slug`,
        summary: 'Download a signed shortcut',
        responses: {
          200: { description: 'A file that the Shortcuts app imports.' },
          404: { description: 'No connected Mac can sign the shortcut.' },
        },
        async handle({ params, request }) {
          const { tenantId } = await phoneOf(request);
          const { name, fileName, bytes } = await offered(params.slug, request);
          const signed = await signing.sign(tenantId, name, bytes);
          if (signed === undefined) {
            throw new HomingError(
              'not_found',
              'No connected Mac can sign this shortcut. Go back and build it by hand.',
            );
          }
          return {
            status: 200,
            contentType: 'application/octet-stream',
            headers: {
              'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`,
            },
            stream: { size: signed.length, chunks: once(signed) },
          };
        },
      }),
      operation<undefined, unknown, unknown>({
        id: 'setupShortcutRecipe',
        method: 'GET',
        path: `${PATH}/recipes/:slug`,
        summary: 'Show how to build a shortcut by hand',
        responses: { 200: { description: 'The actions of the shortcut.' } },
        async handle({ params, request }) {
          const { token } = await phoneOf(request);
          return page(
            recipePage(await offered(params.slug, request), {
              brokerUrl: address.addressFor(request),
              token,
            }),
          );
        },
      }),
    ],
  };

  async function stateOf({ deviceId }: Phone) {
    const marks = await store.read.devices.milestones(deviceId);
    const has = (name: (typeof marks)[number]) => marks.includes(name);
    return {
      // Every milestone requires that a shortcut was added.
      connected: marks.length > 0,
      checked: has('checked'),
      first_message: has('first_message'),
    };
  }

  async function effort(request: IncomingMessage, tenantId: number | undefined) {
    const shortcuts = await shortcutsFor(request);
    const canSign = ({ bytes }: OfferedShortcut) =>
      tenantId !== undefined && signing.isPossible(tenantId, bytes);
    const isSigned = (await Promise.all(shortcuts.map(canSign))).every(Boolean);
    return effortOf(shortcuts, isSigned);
  }

  async function steps(phone: Phone, request: IncomingMessage): Promise<string> {
    const all = await shortcutsFor(request);
    return stepsPage({
      phoneNumber: phone.phoneNumber,
      token: phone.token,
      brokerUrl: address.addressFor(request),
      state: await stateOf(phone),
      shortcuts: await Promise.all(
        all.map(async ({ slug, name, bytes }) => ({
          slug,
          name,
          isSigned: await signing.isPossible(phone.tenantId, bytes),
        })),
      ),
    });
  }
}

function page(body: string): OperationResponse {
  return { status: 200, contentType: HTML, body };
}

function redirect(location: string): OperationResponse {
  return { status: 303, headers: { location } };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
