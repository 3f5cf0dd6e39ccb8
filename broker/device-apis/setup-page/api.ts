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
import type { PublishedShortcuts } from '../../../shared/published-shortcuts.ts';
import type { Edition } from '../../../shared/shortcut-editions.ts';
import { HomingError } from '../../core/model/errors.ts';
import { PAIRING_MINUTES } from '../../core/numbers/device-pairing.ts';
import type { DeviceContext } from '../../devices/context.ts';
import { type ExchangeContext, exchangeCode } from '../../devices/pairing-code.ts';
import type { ShortcutSigning } from '../../devices/shortcut-signing.ts';
import { HTTP_STATUSES } from '../../http/error-response.ts';
import { type Api, type OperationResponse, operation } from '../../http/operation.ts';
import type { PublicUrl } from '../../http/public-url.ts';
import { readBytes } from '../../http/request-body.ts';
import { editionOf, editionQuery } from './edition.ts';
import { effortOf } from './effort.ts';
import { assertConfirmed, assertSameOrigin, isPhone } from './form-request.ts';
import { confirmationPage, qrCodePage } from './link-pages.ts';
import { LIVE_SCRIPT } from './live-script.ts';
import type { OfferedShortcut } from './offered-shortcut.ts';
import { problemPage } from './problem-page.ts';
import { SETUP_PATH, type SetupPhone, setupPhones, tokenCookie } from './setup-phone.ts';
import { shortcutOperations } from './shortcut-operations.ts';
import { stepsPage } from './steps-page.ts';

export interface SetupPageOptions
  extends ExchangeContext,
    Pick<DeviceContext, 'failedCodes' | 'failedTokens'> {
  signing: ShortcutSigning;
  address: PublicUrl;
  /** Links of published shortcuts. */
  published: PublishedShortcuts;
  /** Maximum duration of a run of Homing Send. */
  runMaxMs: number;
}

const HTML = 'text/html; charset=utf-8';
const BODY_LIMIT_BYTES = 4 * 1024;
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'self'; connect-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  // The address contains the code, which must not reach other sites. With no-referrer, a browser would send no Origin.
  'referrer-policy': 'same-origin',
};

const pageQuery = editionQuery.extend({ token: z.string().max(200).optional() });

export function setupPageApi(options: SetupPageOptions): Api<undefined> {
  const { store, signing, keyContext, address, failedCodes, published, runMaxMs } = options;
  const { secrets, now } = keyContext;
  const phones = setupPhones(options);
  const { phoneOf, pairingOf, phoneNumberOf } = phones;
  let built: { url: string; editions: Map<Edition, readonly OfferedShortcut[]> } | undefined;
  const shortcutsFor = async (request: IncomingMessage, edition: Edition) => {
    const url = address.addressFor(request);
    if (built?.url !== url) built = { url, editions: new Map() };
    const { editions } = built;
    // Loaded here, so that the package of property lists does not delay the start of the broker.
    const { offerShortcuts } = await import('./offered-shortcut.ts');
    const shortcuts = editions.get(edition) ?? offerShortcuts(url, edition);
    editions.set(edition, shortcuts);
    return shortcuts;
  };
  /** Returns the link that adds a shortcut; undefined: the owner builds it by hand. */
  const addUrl = async (tenantId: number | undefined, { slug, edition, bytes }: OfferedShortcut) => {
    const link = published[edition]?.[slug];
    if (link !== undefined) return link;
    const isPossible = tenantId !== undefined && (await signing.isPossible(tenantId, bytes));
    return isPossible ? `${SETUP_PATH}/files/${slug}?edition=${edition}` : undefined;
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
      operation<undefined, z.infer<typeof pageQuery>, unknown>({
        id: 'setupPage',
        method: 'GET',
        path: SETUP_PATH,
        summary: 'Show the page of a setup link',
        query: pageQuery,
        responses: {
          200: { description: 'The instructions to connect the device.' },
          404: { description: 'The link is unknown.' },
          410: { description: 'The link was used or has expired.' },
        },
        async handle({ query: { token, edition: chosen }, request }) {
          const edition = editionOf(request, chosen);
          if (token === undefined) return page(await steps(await phoneOf(request), request, edition));
          const pairing = await failedCodes.guard(request, () => pairingOf(token));
          if (pairing.redeemedAt !== null) {
            // The phone that used the link may open it again.
            const phone = await phoneOf(request).catch(() => undefined);
            if (phone?.deviceId === pairing.deviceId) return redirect(SETUP_PATH);
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
            effort: await effort(request, number?.tenantId, edition),
          };
          return page(await (isPhone(request) ? confirmationPage(view) : qrCodePage(view)));
        },
      }),
      operation<undefined, unknown, unknown>({
        id: 'connectPhone',
        method: 'POST',
        path: SETUP_PATH,
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
          const isSecure = address.addressFor(request).startsWith('https:');
          const headers = { location: SETUP_PATH, 'set-cookie': tokenCookie(token, { isSecure }) };
          return { ...redirect(SETUP_PATH), headers };
        },
      }),
      operation<undefined, unknown, unknown>({
        id: 'setupState',
        method: 'GET',
        path: `${SETUP_PATH}/state`,
        summary: 'Get the finished steps',
        responses: {
          200: {
            description: 'The page reads this every two seconds.',
            schema: z.object({
              connected: z.boolean(),
              checked: z.boolean(),
              first_message: z.boolean(),
              received: z.boolean(),
            }),
          },
        },
        async handle({ request }) {
          return { status: 200, body: await stateOf(await phoneOf(request)) };
        },
      }),
      operation<undefined, unknown, unknown>({
        id: 'setupScript',
        method: 'GET',
        path: `${SETUP_PATH}/live.js`,
        summary: 'Get the script of the page',
        responses: { 200: { description: 'JavaScript.' } },
        async handle() {
          return { status: 200, contentType: 'text/javascript; charset=utf-8', body: LIVE_SCRIPT };
        },
      }),
      ...shortcutOperations({ phones, signing, address, shortcutsFor }),
    ],
  };

  async function stateOf({ deviceId }: SetupPhone) {
    const marks = await store.read.devices.milestones(deviceId);
    const has = (name: (typeof marks)[number]) => marks.includes(name);
    return {
      // Every milestone requires that a shortcut was added.
      connected: marks.length > 0,
      checked: has('checked'),
      first_message: has('first_message'),
      received: has('received'),
    };
  }

  async function effort(request: IncomingMessage, tenantId: number | undefined, edition: Edition) {
    const shortcuts = await shortcutsFor(request, edition);
    const urls = await Promise.all(shortcuts.map((shortcut) => addUrl(tenantId, shortcut)));
    return effortOf(shortcuts, urls);
  }

  async function steps(phone: SetupPhone, request: IncomingMessage, edition: Edition): Promise<string> {
    const shortcuts = await shortcutsFor(request, edition);
    const urls = await Promise.all(shortcuts.map((shortcut) => addUrl(phone.tenantId, shortcut)));
    return stepsPage({
      phoneNumber: phone.phoneNumber,
      token: phone.token,
      brokerUrl: address.addressFor(request),
      state: await stateOf(phone),
      edition,
      effort: effortOf(shortcuts, urls),
      runMinutes: Math.ceil(runMaxMs / 60_000),
      shortcuts: shortcuts.map(({ slug, name }, index) => ({ slug, name, url: urls[index] })),
    });
  }
}

function page(body: string): OperationResponse {
  return { status: 200, contentType: HTML, body };
}

function redirect(location: string): OperationResponse {
  return { status: 303, headers: { location } };
}
