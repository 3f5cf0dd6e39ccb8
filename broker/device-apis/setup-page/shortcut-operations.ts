/** Serves the shortcuts of the setup page: as signed files, and as instructions to build them by hand. */
import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import type { Edition } from '../../../shared/shortcut-editions.ts';
import { HomingError } from '../../core/model/errors.ts';
import type { ShortcutSigning } from '../../devices/shortcut-signing.ts';
import { type Operation, type OperationResponse, operation } from '../../http/operation.ts';
import type { PublicUrl } from '../../http/public-url.ts';
import { editionOf, editionQuery } from './edition.ts';
import type { OfferedShortcut } from './offered-shortcut.ts';
import { recipePage } from './recipe-page.ts';
import { SETUP_PATH, type SetupPhones } from './setup-phone.ts';
import { signingProblemPage } from './signing-problem-page.ts';

const HTML = 'text/html; charset=utf-8';

interface ShortcutOperationsOptions {
  phones: SetupPhones;
  signing: ShortcutSigning;
  address: PublicUrl;
  shortcutsFor(request: IncomingMessage, edition: Edition): Promise<readonly OfferedShortcut[]>;
}

export function shortcutOperations({
  phones,
  signing,
  address,
  shortcutsFor,
}: ShortcutOperationsOptions): Operation<undefined>[] {
  const offered = async (
    slug: string | undefined,
    request: IncomingMessage,
    edition: Edition,
  ): Promise<OfferedShortcut> => {
    const found = (await shortcutsFor(request, edition)).find((shortcut) => shortcut.slug === slug);
    if (found === undefined) throw new HomingError('not_found', 'There is no shortcut with this name.');
    return found;
  };
  return [
    operation<undefined, z.infer<typeof editionQuery>, unknown>({
      id: 'setupShortcutFile',
      method: 'GET',
      path: `${SETUP_PATH}/files/:slug`,
      summary: 'Download a signed shortcut',
      query: editionQuery,
      responses: {
        200: { description: 'A file that the Shortcuts app imports.' },
        404: { description: 'No connected Mac can sign the shortcut.' },
        502: { description: 'The Mac did not sign the shortcut, or the signed file lost a part of it.' },
      },
      async handle({ params, query, request }) {
        const { tenantId } = await phones.phoneOf(request);
        const edition = editionOf(request, query.edition);
        const shortcut = await offered(params.slug, request, edition);
        const signature = await signing.sign(tenantId, shortcut);
        if (signature.outcome !== 'signed') return problem(shortcut, signature);
        const { bytes } = signature;
        return {
          status: 200,
          contentType: 'application/octet-stream',
          headers: {
            'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(shortcut.fileName)}`,
          },
          stream: { size: bytes.length, chunks: once(bytes) },
        };
      },
    }),
    operation<undefined, z.infer<typeof editionQuery>, unknown>({
      id: 'setupShortcutRecipe',
      method: 'GET',
      path: `${SETUP_PATH}/recipes/:slug`,
      summary: 'Show how to build a shortcut by hand',
      query: editionQuery,
      responses: { 200: { description: 'The actions of the shortcut.' } },
      async handle({ params, query, request }) {
        const { token } = await phones.phoneOf(request);
        const shortcut = await offered(params.slug, request, editionOf(request, query.edition));
        const body = recipePage(shortcut, { brokerUrl: address.addressFor(request), token });
        return { status: 200, contentType: HTML, body };
      },
    }),
  ];
}

function problem(
  shortcut: OfferedShortcut,
  signature: Parameters<typeof signingProblemPage>[1],
): OperationResponse {
  const status = signature.outcome === 'no_mac' ? 404 : 502;
  return { status, contentType: HTML, body: signingProblemPage(shortcut, signature) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
