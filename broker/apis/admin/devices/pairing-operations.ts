/** Pairs devices: creates setup links with their QR code, and returns the state of a pairing. */
import { formatId } from '../../../../shared/ids.ts';
import { invalidRequest, notFound } from '../../../core/model/errors.ts';
import type { Pairing } from '../../../core/model/number.ts';
import { PAIRING_MINUTES, type SetupLink, startVerification } from '../../../core/numbers/device-pairing.ts';
import { idInPath } from '../../../http/request-schemas.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { changeAsMember } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { PairingOptions } from '../management-options.ts';
import {
  type NewPairingBody,
  newPairing,
  type PairingStateBody,
  pairingRequest,
  pairingState,
} from './device-schemas.ts';

const PATH = '/dashboard/api/:environment/pairings';
const LOCAL_URL = /^https?:\/\/(127\.|localhost\b|\[::1\])/;

const MAC_STEPS = [
  'On the Mac that owns the number, sign in to Messages with iMessage.',
  'Open Terminal on the Mac and run the command.',
  'Grant Full Disk Access and Automation when the command asks for them.',
  'Run: npx homing relay install. The agent then starts with the Mac.',
];
const IPHONE_STEPS = [
  'Scan the QR code with the camera of the iPhone that owns the number, and open the link.',
  'Press Connect this iPhone on the page.',
  'Follow the three steps of the page: add the shortcuts, run Homing Check, create the automations.',
];

export function pairingOperations(options: PairingOptions): AdminOperation[] {
  const { store, context, address } = options;
  return [
    adminOperation({
      id: 'startPairing',
      method: 'POST',
      path: PATH,
      summary: 'Create a setup link for a device, with its QR code and steps',
      permission: 'owner',
      body: pairingRequest,
      responses: {
        201: { description: 'The setup link. The code works once.', schema: newPairing },
        400: errorResponse,
        402: { ...errorResponse, description: 'The plan of the account includes no further number.' },
        409: { ...errorResponse, description: 'The number belongs to another account.' },
      },
      changes: ['numbers', 'devices', 'audit'],
      async handle({ caller, body: { phoneNumber, name, kind }, request }) {
        const { tenant, plan } = caller;
        if (tenant.environment === 'test') {
          throw invalidRequest('The sandbox needs no device. Pair the device in the live environment.');
        }
        const link = await changeAsMember(
          store,
          caller,
          ({ deviceId }: SetupLink) => ({
            action: 'device.pairing_started',
            target: formatId('dev', deviceId),
            detail: { phoneNumber, name, kind },
          }),
          context,
          async (tx) => {
            const started = await startVerification(tx, tenant, plan, phoneNumber, name, context);
            // The link may be for a device that an earlier link named.
            await tx.devices.rename(started.deviceId, name);
            return started;
          },
        );
        const url = address.addressFor(request);
        const setupUrl = `${url}/setup-shortcut?token=${link.code}`;
        const { default: QRCode } = await import('qrcode');
        const created: NewPairingBody = {
          id: formatId('dev', link.deviceId),
          ...{ kind, phoneNumber, name, setupUrl },
          code: link.code,
          command: kind === 'mac' ? `npx homing relay pair '${setupUrl}'` : null,
          qrSvg: await QRCode.toString(setupUrl, { type: 'svg', margin: 2 }),
          expiresAt: context.now() + PAIRING_MINUTES * 60_000,
          isReachable: !LOCAL_URL.test(url),
          steps: kind === 'mac' ? MAC_STEPS : IPHONE_STEPS,
        };
        return { status: 201, body: created };
      },
    }),
    adminOperation({
      id: 'getPairing',
      method: 'GET',
      path: `${PATH}/:id`,
      summary: 'Get the state of a pairing',
      permission: 'viewer',
      responses: { 200: { description: 'The state.', schema: pairingState }, 404: errorResponse },
      async handle({ caller, params }) {
        const id = idInPath('dev', params.id, 'Pairing');
        const device = await store.read.devices.find(id);
        if (device === undefined || device.tenantId !== caller.tenant.id || device.revokedAt !== null) {
          throw notFound('Pairing');
        }
        const pairing = await store.read.devices.latestPairing(id);
        const [number] = await store.read.numbers.ofDevice(id);
        const milestones = await store.read.devices.milestones(id);
        const isUnpaired = number !== undefined && (await store.read.devices.unpaired(number.id)) === id;
        const session = await store.read.deviceSessions.find(id);
        const isConnected = session?.brokerId != null || milestones.length > 0;
        const body: PairingStateBody = {
          id: formatId('dev', id),
          state: isConnected ? 'connected' : isUnpaired ? stateOf(pairing, context.now()) : 'paired',
          phoneNumber: number?.phoneNumber ?? null,
          name: device.name,
          expiresAt: pairing?.expiresAt ?? null,
          redeemedAt: pairing?.redeemedAt ?? null,
          milestones,
        };
        return { status: 200, body };
      },
    }),
  ];
}

/** The state of a device that has not exchanged a code. Expired codes are deleted after a day. */
function stateOf(pairing: Pairing | undefined, now: number): PairingStateBody['state'] {
  return pairing !== undefined && pairing.expiresAt > now ? 'waiting' : 'expired';
}
