/**
 * Serves `GET /shortcuts/v1/next`: the next message to send.
 *
 * - The request is parked until there is a message or its wait ends.
 * - A message is delivered once, to one run of the shortcut.
 * - A newer run of the same phone replaces the older one, which is stopped. So automations never run in parallel.
 */
import { z } from 'zod';
import type { BrokerFrame } from '../../../shared/protocol.ts';
import { unavailable } from '../../core/model/errors.ts';
import type { SetupMilestone } from '../../core/ports/numbers.ts';
import type { Queries } from '../../core/ports/store.ts';
import type { Identity } from '../../devices/authenticate-device.ts';
import { countPoll } from '../../devices/authenticate-device.ts';
import type { DeviceContext } from '../../devices/context.ts';
import { DeviceSession } from '../../devices/session.ts';
import { type CloseReason, JOURNAL_WAIT_MS, type Transport } from '../../devices/transport.ts';
import { type Connection, type Operation, operation } from '../../http/operation.ts';
import type { PublicUrl } from '../../http/public-url.ts';

const WAIT_MAX_SECONDS = 50;
const WAIT_SECONDS = 25;

const nextQuery = z.object({
  // Shortcuts formats numbers by the locale of the phone.
  wait: z.coerce.number().catch(WAIT_SECONDS),
  run: z.string().max(100, { error: "'run' is too long." }).default(''),
  /** `yes`: the shortcut has a journal, and its next run sends a lost report. */
  journal: z.string().max(20).default(''),
});

const nextResponse = z.object({
  has_message: z.boolean(),
  stop: z.boolean(),
  state: z.enum(['send', 'wait', 'stop']),
  id: z.string().optional(),
  lease: z.string().optional(),
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
  const { store, monotonicNow, reportTimeoutMs } = context;
  /** The runs that are connected here, by device. */
  const current = new Map<string, Run>();

  /**
   * A new run has reported the entry of its journal before. Without a report by now, the other messages of the phone have
   * the normal timeout: an earlier run may still be sending one.
   */
  const shortenWaits = async (tx: Queries, deviceId: string) => {
    const end = monotonicNow() + reportTimeoutMs;
    const leased = await tx.messages.leasedBy(deviceId);
    await tx.messages.setLeaseEnd(
      leased.filter(({ leaseUntil }) => (leaseUntil ?? 0) > end),
      end,
    );
  };

  /** Begins a run, or continues it after a time without requests or at another broker. */
  const begin = async (identity: Identity, id: string, hasJournal: boolean): Promise<Run> => {
    const deviceId = identity.device.id;
    let startedAt = monotonicNow();
    const transport = new RunTransport({
      reportTimeoutMs: hasJournal ? JOURNAL_WAIT_MS : undefined,
      hasPeers: () => context.cluster.hasPeers(),
      async admit(tx) {
        const run = await tx.shortcutRuns.begin(deviceId, id, monotonicNow());
        if (run.isStopped) return false;
        // On SQLite the clock may have been set back before a restart.
        startedAt = Math.min(run.startedAt, monotonicNow());
        await shortenWaits(tx, deviceId);
        return true;
      },
      onClose() {
        run.session.handleDisconnect();
        if (current.get(deviceId) === run) current.delete(deviceId);
      },
    });
    const session = new DeviceSession(context, identity, transport);
    const run: Run = { id, startedAt, session, transport };
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
    if (session.rejection !== undefined) return run;
    if (!session.hasHello) {
      context.sessions.close(session, 'silent');
      throw unavailable('The store cannot write at the moment. Retry the request later.');
    }
    run.startedAt = startedAt;
    current.set(deviceId, run);
    await mark(identity, 'connected');
    return run;
  };

  const isStopped = async (deviceId: string, run: string) =>
    (await store.read.shortcutRuns.find(deviceId, run))?.isStopped ?? false;

  /** Returns the run if it is connected here. Another broker may have continued it meanwhile. */
  const runHere = async (deviceId: string, id: string): Promise<Run | undefined> => {
    const run = current.get(deviceId);
    if (run?.id !== id) return undefined;
    if (!context.cluster.hasPeers()) return run;
    const isCurrent = await store.read.deviceSessions.isCurrent(deviceId, run.session.sessionId);
    return isCurrent ? run : undefined;
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
      const known = await runHere(deviceId, query.run);
      if (known === undefined && (await isStopped(deviceId, query.run))) return respond(noMessage(true));
      const run = known ?? (await begin(caller, query.run, query.journal === 'yes'));
      const { rejection } = run.session;
      if (rejection !== undefined) return respond(noMessage(rejection !== 'outdated'));
      const now = context.monotonicNow();
      run.session.markSeen();
      const endsAt = run.startedAt + runMaxMs;
      if (now >= endsAt) {
        await store.transaction((tx) => tx.shortcutRuns.stop(deviceId, run.id, now));
        context.sessions.close(run.session, 'stopped');
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
      if (typeof item === 'string') {
        const isOver = item === 'stop' || context.monotonicNow() >= endsAt;
        const isReplaced = item === 'replaced' && (await isStopped(deviceId, run.id));
        return respond(noMessage(isOver || isReplaced));
      }
      return respond({
        has_message: true,
        state: 'send',
        id: item.message,
        lease: item.lease,
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
const noMessage = (stop: boolean): NextResponse => ({
  has_message: false,
  stop,
  state: stop ? 'stop' : 'wait',
});

type Item = Extract<BrokerFrame, { type: 'deliver' }>['items'][number];
/** `replaced`: by a newer run, which stops this one, or by the same run at another broker. */
type ParkResult = Item | 'nothing' | 'replaced' | 'stop';

interface Parked {
  connection: Connection;
  deadline: number;
  reply(result: ParkResult): void;
}

interface RunTransportOptions {
  reportTimeoutMs: number | undefined;
  admit(tx: Queries): Promise<boolean>;
  onClose(): void;
  /** Whether the run can continue at another broker. */
  hasPeers(): boolean;
}

/** The transport of a run. It delivers one message, and only while a request is parked. */
class RunTransport implements Transport {
  readonly kind = 'shortcut';
  readonly keepsOrder = false;
  readonly reportTimeoutMs: number | undefined;
  readonly admit: (tx: Queries) => Promise<boolean>;
  readonly #onClose: () => void;
  readonly #hasPeers: () => boolean;
  #parked: Parked | undefined;
  /** The response to the run after the session was closed, also if no request was parked at that moment. */
  #end: 'nothing' | 'replaced' | 'stop' | undefined;

  constructor({ reportTimeoutMs, admit, onClose, hasPeers }: RunTransportOptions) {
    this.reportTimeoutMs = reportTimeoutMs;
    this.admit = admit;
    this.#onClose = onClose;
    this.#hasPeers = hasPeers;
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
    if (this.#end !== undefined) return;
    const mayContinue = reason === 'shutdown' && this.#hasPeers();
    this.#end = reason === 'replaced' ? 'replaced' : mayContinue ? 'nothing' : 'stop';
    this.#reply(this.#end);
    this.#onClose();
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
    if (this.#end !== undefined) return Promise.resolve(this.#end);
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
