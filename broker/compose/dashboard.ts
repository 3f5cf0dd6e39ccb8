/** Composes the API of the dashboard and the page itself. */
import { ownVersion } from '../../shared/version.ts';
import { PasskeyChallenges } from '../apis/admin/access/passkey-challenges.ts';
import { SignInThrottle } from '../apis/admin/access/sign-in-throttle.ts';
import { adminApi } from '../apis/admin/api.ts';
import { formatEvents } from '../apis/texting-blue/event-operations.ts';
import { mediaUrls } from '../apis/texting-blue/media-urls.ts';
import type { LookUp } from '../core/contacts/look-up.ts';
import { dashboardPageApi } from '../dashboard/page-api.ts';
import type { AnyApi } from '../http/operation.ts';
import { createPasswords } from '../passwords.ts';
import { describeBroker } from './broker-facts.ts';
import type { Core } from './core.ts';
import type { Runtime } from './runtime.ts';
import { webhookRequests } from './webhook-requests.ts';

export function dashboardApis(runtime: Runtime, core: Core, lookUp: LookUp): AnyApi[] {
  const { config, now, ids, secrets, plans, onFault } = runtime;
  const { address, clientAddresses, limits, links, ownOrigin, uploads } = core;
  return [
    adminApi({
      ...core,
      ...address,
      ...describeBroker(runtime, core.store),
      ...{ secrets, plans, onFault, lookUp, context: { now, ids, secrets } },
      addressOf: clientAddresses.of,
      passwords: createPasswords(),
      throttle: new SignInThrottle(limits, clientAddresses.of),
      openEvents: (request) => core.streams.open(request),
      openLiveStream: (request) => core.liveStreams.open(request),
      formatEvents: (items) => formatEvents(items, mediaUrls(links.linkTo, now)),
      challenges: new PasskeyChallenges({ store: core.store, now }),
      challengeLimit: limits.open('passkey challenges'),
      requestFor: webhookRequests({ ...core, now, linkTo: links.linkTo, userAgent: 'Homing' }),
      storedBytes: (tenantId) => uploads.storedBytes(tenantId),
      allowsPrivateUrls: config.allowPrivateUrls,
      version: ownVersion(),
    }),
    dashboardPageApi({ ...address, ownOrigin }),
  ];
}
