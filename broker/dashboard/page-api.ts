/**
 * Serves the page of the dashboard: the same HTML at `/` and at each address of the page, and its built files. The files
 * have the digest of their content in their name, so browsers keep them. The HTML has a nonce for style elements, which
 * the libraries of the page create.
 */
import { randomBytes } from 'node:crypto';
import type { HomingError } from '../core/model/errors.ts';
import { HTTP_STATUSES } from '../http/error-response.ts';
import { type Api, type OperationResponse, operation } from '../http/operation.ts';
import type { OwnOrigin } from '../http/own-origin.ts';
import { readBuiltPage } from './built-page.ts';

export interface PageOptions {
  publicUrl(): string;
  ownOrigin: OwnOrigin;
}

const HTML = 'text/html; charset=utf-8';
const NONCE_BYTES = 16;

export function dashboardPageApi({ publicUrl, ownOrigin }: PageOptions): Api<undefined> {
  const base = () => new URL(publicUrl()).pathname.replace(/\/+$/, '');
  const page = async (): Promise<OperationResponse> => {
    const { html } = await readBuiltPage();
    const nonce = randomBytes(NONCE_BYTES).toString('base64');
    return { status: 200, contentType: HTML, body: html(base(), nonce), headers: pageHeaders(nonce) };
  };

  const pageOperation = (id: string, path: string) =>
    operation<undefined, unknown, unknown>({
      ...{ id, method: 'GET', path, summary: 'Get the page of the dashboard' },
      responses: { 200: { description: 'The page.' } },
      // Express passes the segments as an array.
      isFor: (params) => !/^api(?:[,/]|$)/.test(String(params.path ?? '')),
      handle: page,
    });

  return {
    name: 'dashboard-page',
    authenticate(request) {
      ownOrigin.of(request);
      return { caller: undefined, headers: {} };
    },
    mapError: errorPage,
    operations: [
      operation<undefined, unknown, unknown>({
        id: 'root',
        method: 'GET',
        path: '/',
        summary: 'Get the dashboard, or a redirect to the documentation for other programs than browsers',
        responses: {
          200: { description: 'The page.' },
          302: { description: 'The location of the documentation.' },
        },
        async handle({ request }): Promise<OperationResponse> {
          const isBrowser = request.headers.accept?.includes('text/html') ?? false;
          if (!isBrowser) return { status: 302, headers: { location: `${base()}/docs`, vary: 'accept' } };
          const response = await page();
          return { ...response, headers: { ...response.headers, vary: 'accept' } };
        },
      }),
      operation<undefined, unknown, unknown>({
        id: 'icon',
        method: 'GET',
        path: '/dashboard/icon.svg',
        summary: 'Get the icon of the dashboard',
        responses: { 200: { description: 'The icon.' } },
        handle: async ({ request }) => (await readBuiltPage()).file('icon.svg', request),
      }),
      operation<undefined, unknown, unknown>({
        id: 'asset',
        method: 'GET',
        path: '/dashboard/assets/:name',
        summary: 'Get a file of the dashboard',
        responses: { 200: { description: 'The file.' }, 404: { description: 'The file does not exist.' } },
        handle: async ({ params, request }) => (await readBuiltPage()).file(`assets/${params.name}`, request),
      }),
      pageOperation('start', '/dashboard'),
      pageOperation('view', '/dashboard/*path'),
    ],
  };
}

function pageHeaders(nonce: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'self'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'cache-control': 'no-store',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
    'referrer-policy': 'same-origin',
  };
}

function errorPage({ code, message, fix }: HomingError): OperationResponse {
  const text = [message, fix].filter((part) => part !== undefined).join('\n');
  return { status: HTTP_STATUSES[code], contentType: 'text/plain; charset=utf-8', body: `${text}\n` };
}
