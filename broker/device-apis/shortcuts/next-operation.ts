/**
 * Serves `GET /shortcuts/v1/next`: the next message to send.
 *
 * - The request is parked until there is a message or its wait ends.
 * - A message is delivered once, to one run of the shortcut.
 * - A newer run of the same phone replaces the older one, which is stopped. So automations never run in parallel.
 */
import { z } from 'zod';
import type { BrokerFrame } from '../../../shared/protocol.ts';
import type { SetupMilestone } from '../../core/ports/numbers.ts';
import { countPoll } from '../../devices/authenticate-device.ts';
import type { DeviceContext } from '../../devices/context.ts';
import { DeviceSession, type Identity } from '../../devices/session.ts';
import type { CloseReason, Transport } from '../../devices/transport.ts';
import { type Connection, type Operation, operation } from '../../http/operation.ts';
import type { PublicUrl } from '../../http/public-url.ts';

const WAIT_MAX_SECONDS = 50;
const WAIT_SECONDS = 25;
/** Number of stopped runs that are remembered for each phone. */
const STOPPED_MAX = 50;

const nextQuery = z.object({
  // Shortcuts formats numbers by the locale of the phone.
  wait: z.coerce.number().catch(WAIT_SECONDS),
  run: z.string().max(100, { error: "'run' is too long." }).default(''),
});

const nextResponse = z.object({
  has_message: z.boolean(),
  stop: z.boolean(),
  id: z.string().optional(),
  to: z.string().optional(),
  text: z.string().optional(),
  media_url: z.string().optional(),
  report_url: z.string().optional(),
});
type NextResponse = z.infer<typeof nextResponse>;

export interface NextOptions {
  context: DeviceContext;
  address: PublicUrl;
  /** Maximum duration of a run. */
  runMaxMs: number;
}

type Mark = (identity: Identity, name: SetupMilestone) => Promise<void>;

interface Run {
  id: string;
  startedAt: number;
  session: DeviceSession;
  transport: RunTransport;
}

export function nextOperation({ context, address, runMaxMs }: NextOptions, mark: Mark): Operation<Identity> {
  const current = new Map<string, Run>();
  const stopped = new Map<string, Set<string>>();

  const stop = (deviceId: string, runId: string) => {
    const runs = stopped.get(deviceId) ?? new Set<string>();
    stopped.set(deviceId, runs);
    runs.add(runId);
    for (const oldest of runs) if (runs.size > STOPPED_MAX) runs.delete(oldest);
  };

  const begin = async (identity: Identity, id: string): Promise<Run> => {
    const transport = new RunTransport((reason) => {
      run.session.handleDisconnect();
      if (current.get(identity.device.id) === run) current.delete(identity.device.id);
      // A silent run may continue later.
      if (reason !== 'silent' && reason !== 'shutdown') stop(identity.device.id, id);
    });
    const session = new DeviceSession(context, identity, transport);
    const run: Run = { id, startedAt: context.monotonicNow(), session, transport };
    context.sessions.add(session);
    // The hello replaces the session of an older run, which stops.
    await session.receive({
      type: 'hello',
      protocol: 1,
      agent: 'shortcuts',
      platform: 'ios',
      capabilities: ['imessage', 'sms', 'media'],
      credit: 0,
    });
    current.set(identity.device.id, run);
    await mark(identity, 'connected');
    return run;
  };

  return operation<Identity, z.infer<typeof nextQuery>, unknown>({
    id: 'nextMessage',
    method: 'GET',
    path: '/shortcuts/v1/next',
    summary: 'Wait for the next message to send',
    query: nextQuery,
    responses: {
      200: { description: 'The next message, if there is one. `stop` ends the run.', schema: nextResponse },
      401: { description: 'Invalid device token.' },
      429: { description: 'Too many polls.' },
    },
    async handle({ caller, query, request, connection }) {
      countPoll(caller, context);
      const deviceId = caller.device.id;
      const known = current.get(deviceId);
      if (known?.id !== query.run && stopped.get(deviceId)?.has(query.run)) return respond(noMessage(true));
      const run = known?.id === query.run ? known : await begin(caller, query.run);
      const now = context.monotonicNow();
      run.session.markSeen();
      const endsAt = run.startedAt + runMaxMs;
      if (now >= endsAt) {
        run.transport.close('replaced');
        return respond(noMessage(true));
      }
      const waitSeconds = Math.min(WAIT_MAX_SECONDS, Math.max(0, query.wait));
      const parked = run.transport.park(connection, Math.min(now + waitSeconds * 1000, endsAt));
      await run.session.receive({ type: 'credit', n: 1 });
      if (waitSeconds === 0) {
        await context.dispatcher.offer(run.session);
        run.transport.respondEmpty();
      }
      const item = await parked;
      if (typeof item === 'string')
        return respond(noMessage(item === 'stop' || context.monotonicNow() >= endsAt));
      return respond({
        has_message: true,
        id: item.message,
        to: item.to,
        text: item.text,
        media_url: item.media[0]?.url.replace(address.publicUrl(), address.addressFor(request)) ?? '',
        report_url: `${address.addressFor(request)}/shortcuts/v1/report`,
        stop: false,
      });
    },
  });
}

const respond = (body: NextResponse) => ({ status: 200, body });
const noMessage = (stop: boolean): NextResponse => ({ has_message: false, stop });

type Item = Extract<BrokerFrame, { type: 'deliver' }>['items'][number];
type ParkResult = Item | 'nothing' | 'stop';

interface Parked {
  connection: Connection;
  deadline: number;
  reply(result: ParkResult): void;
}

/** The transport of a run. It delivers one message, and only while a request is parked. */
class RunTransport implements Transport {
  readonly kind = 'shortcut';
  readonly keepsOrder = false;
  readonly #onClose: (reason: CloseReason) => void;
  #parked: Parked | undefined;
  #isClosed = false;

  constructor(onClose: (reason: CloseReason) => void) {
    this.#onClose = onClose;
  }

  isReady(): boolean {
    return this.#parked?.connection.isOpen() ?? false;
  }

  send(frame: BrokerFrame): void {
    const [item] = frame.type === 'deliver' ? frame.items : [];
    if (item !== undefined) this.#reply(item);
  }

  unseen(): number {
    return 0;
  }

  close(reason: CloseReason): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reply('stop');
    this.#onClose(reason);
  }

  keepAlive(now: number): boolean {
    if (this.#parked === undefined) return false;
    const isThere = this.#parked.connection.isOpen();
    if (this.#parked.deadline <= now) this.respondEmpty();
    return isThere;
  }

  park(connection: Connection, deadline: number): Promise<ParkResult> {
    // A run sends one request at a time, so the phone has dropped an older one.
    this.respondEmpty();
    if (this.#isClosed) return Promise.resolve('stop');
    return new Promise((resolve) => {
      const parked = { connection, deadline, reply: resolve };
      this.#parked = parked;
      connection.onGone(() => {
        if (this.#parked === parked) this.#parked = undefined;
        resolve('nothing');
      });
    });
  }

  respondEmpty(): void {
    this.#reply('nothing');
  }

  #reply(result: ParkResult): void {
    const parked = this.#parked;
    this.#parked = undefined;
    parked?.reply(result);
  }
}
