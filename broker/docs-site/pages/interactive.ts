/**
 * Serves Scalar's interactive reference of the OpenAPI document. The broker serves Scalar's program from its npm package:
 * the page contacts no other host, and its requests go to the broker.
 */
import fastifyApiReference from '@scalar/fastify-api-reference';
import Mustache from 'mustache';
import { ICON } from './frame.ts';

/** Allows inline styles, which Scalar needs, and otherwise only this host. */
export const INTERACTIVE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
  "font-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

const TEMPLATE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Interactive reference of every API: Homing</title>
<meta name="description" content="Every operation of Homing to try out in the browser, with your own key: fields, requests and responses of all APIs.">
<link rel="canonical" href="{{publicUrl}}/docs/interactive">
<link rel="icon" href="${ICON}">
</head>
<body>
<noscript><h1>Interactive reference</h1><p>This page needs JavaScript. <a href="{{base}}/docs/reference">The reference</a> has the same content without it.</p></noscript>
<div id="reference" data-base="{{base}}"></div>
<script src="{{base}}/docs/scalar.js"></script>
<script src="{{base}}/docs/interactive.js"></script>
</body>
</html>
`;

export function interactivePage(publicUrl: string, base: string): string {
  return Mustache.render(TEMPLATE, { publicUrl, base });
}

export const INTERACTIVE_SCRIPT = `const place = document.getElementById('reference');
const { base } = place.dataset;
Scalar.createApiReference(place, {
  url: base + '/openapi.json',
  servers: [{ url: location.origin + base }],
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
  persistAuth: false,
});
`;

const PROGRAM_PATH = '/docs/js/scalar.js';

/** Extracts the program from the package, whose Fastify plugin serves it. */
export function scalarProgram(): string {
  let program: string | undefined;
  const reply = {
    header: () => reply,
    send: (text: string) => {
      program = text;
      return reply;
    },
  };
  const server = {
    hasPlugin: () => false,
    route: ({ url, handler }: { url: string; handler(request: object, reply: object): unknown }) => {
      if (url === PROGRAM_PATH) handler({}, reply);
    },
  };
  const register = fastifyApiReference as unknown as (
    server: object,
    options: object,
    next: () => void,
  ) => void;
  register(server, { routePrefix: '/docs', configuration: { url: '/openapi.json' } }, () => {});
  if (program === undefined) throw new Error(`@scalar/fastify-api-reference has no ${PROGRAM_PATH}.`);
  return program;
}
