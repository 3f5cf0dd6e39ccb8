import { chmodSync, writeFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CAPABILITIES } from '../../../shared/capabilities.ts';
import { ANN, BEN, setUpImsg, text } from '../../support/fake-mac/imsg-fixture.ts';
import { until } from '../../support/until.ts';

const NOT_STARTED = 'The bridge is not started. Run imsg launch explicitly before using bridge methods.';
const LAUNCH =
  'Run: imsg launch. It needs System Integrity Protection turned off (csrutil disable in macOS Recovery).';
const FULL_DISK_ACCESS =
  'Allow Full Disk Access for the relay agent in System Settings > Privacy & Security, then restart it.';
const UPDATE_BRIDGE =
  'Update imsg with: brew upgrade imsg. Then run: imsg launch, and restart the relay agent.';

const SEE_REASON =
  'See the reason with: imsg status. Update it with: brew upgrade imsg, then restart the relay agent.';

const WITHOUT_BRIDGE = {
  isReady: true,
  version: '0.15.10',
  capabilities: ['groups'],
  canCreateGroups: false,
  gaps: [{ problem: `The bridge of imsg is not ready: ${NOT_STARTED}`, fix: LAUNCH }],
};
const WITH_BRIDGE = {
  isReady: true,
  version: '0.15.10',
  capabilities: [...CAPABILITIES],
  canCreateGroups: true,
  gaps: [],
};

describe('the state of imsg', () => {
  it('imsg without its bridge sends to contacts and groups, and the gap names the next step', async () => {
    expect(await setUpImsg().sender.probe()).toEqual(WITHOUT_BRIDGE);
  });

  it('imsg with its bridge has every capability', async () => {
    expect(await setUpImsg({ bridge: 'ready' }).sender.probe()).toEqual(WITH_BRIDGE);
  });

  it('a bridge that starts and ends while imsg runs changes the state', async () => {
    const { sender, set } = setUpImsg();
    expect(await sender.probe()).toEqual(WITHOUT_BRIDGE);
    set({ bridge: 'ready' });
    expect(await sender.probe()).toEqual(WITH_BRIDGE);
    set({ bridge: 'not answering' });
    expect(await sender.probe()).toMatchObject({
      capabilities: ['groups'],
      gaps: [
        {
          problem:
            'The bridge of imsg is not ready: The existing bridge did not answer a non-launching status probe.',
        },
      ],
    });
    set({ bridge: 'ready' });
    expect(await sender.probe()).toEqual(WITH_BRIDGE);
  });

  it('missing selectors of this macOS are missing capabilities', async () => {
    const missingSelectors = ['retractMessagePart', 'createChat', 'typing', 'addParticipant'];
    const { sender } = setUpImsg({ bridge: 'ready', missingSelectors });
    const missing = ['group_management', 'unsend', 'typing'];
    expect(await sender.probe()).toEqual({
      ...WITH_BRIDGE,
      capabilities: CAPABILITIES.filter((name) => !missing.includes(name)),
      canCreateGroups: false,
      gaps: [
        {
          problem:
            'The bridge of imsg on this macOS does not support: group_management, unsend, typing, new groups.',
          fix: UPDATE_BRIDGE,
        },
      ],
    });
  });

  it.each([0, 1])('version %d of the emoji feature is no capability', async (emojiVersion) => {
    const { sender } = setUpImsg({ bridge: 'ready', emojiVersion });
    expect(await sender.probe()).toEqual({
      ...WITH_BRIDGE,
      capabilities: CAPABILITIES.filter((name) => name !== 'emoji_reactions'),
      gaps: [
        {
          problem: 'The bridge of imsg on this macOS does not support: emoji_reactions.',
          fix: UPDATE_BRIDGE,
        },
      ],
    });
  });

  it('an unreadable chat.db is a gap; imsg still sends', async () => {
    const { sender } = setUpImsg({ bridge: 'ready', hasDatabase: false });
    expect(await sender.probe()).toEqual({
      ...WITH_BRIDGE,
      gaps: [
        {
          problem: 'imsg cannot read chat.db: Grant Full Disk Access, then retry.',
          fix: FULL_DISK_ACCESS,
        },
      ],
    });
  });

  it('a version before 0.14 sends texts and files, and the gap names the update', async () => {
    const { sender, requests } = setUpImsg({ isOld: true, bridge: 'ready' });
    expect(await sender.probe()).toEqual({
      isReady: true,
      version: undefined,
      capabilities: ['groups'],
      canCreateGroups: false,
      gaps: [
        {
          problem:
            'This imsg is older than 0.14. It sends texts and files to contacts and existing groups only.',
          fix: 'Update it with: brew upgrade imsg. Then restart the relay agent.',
        },
      ],
    });
    expect(await sender.send(text(ANN))).toMatchObject({ kind: 'accepted' });
    expect(requests().map(({ method }) => method)).toEqual(['send']);
  });

  it('a probe during a slow send of an old version does not wait for it', async () => {
    const { sender, behave, calls, release } = setUpImsg({ isOld: true });
    behave(ANN, 'deliver after the release');
    const sending = sender.send(text(ANN));
    await until('the send to reach imsg', () => calls().length > 0);
    expect(await sender.probe()).toMatchObject({ isReady: true });
    release();
    expect(await sending).toMatchObject({ kind: 'accepted' });
  });
});

describe('imsg that does not run', () => {
  it('a missing program is a gap with the install command, and repeated probes stay silent', async () => {
    const { sender, problems } = setUpImsg({}, { program: '/nonexistent/imsg' });
    for (let probe = 0; probe < 5; probe += 1) {
      expect(await sender.probe()).toEqual({
        isReady: false,
        version: undefined,
        capabilities: ['groups'],
        canCreateGroups: false,
        gaps: [
          {
            problem: "The program '/nonexistent/imsg' was not found.",
            fix: 'Install imsg with: brew install steipete/tap/imsg',
          },
        ],
      });
    }
    expect(problems).toEqual([]);
  });

  it('the folders of Homebrew are searched, which a LaunchAgent does not have in its PATH', async () => {
    const { program, sender } = setUpImsg();
    writeFileSync(program, `#!/bin/sh\necho "PATH ends with \${PATH#"\${PATH%:*:*}"}" >&2\nexit 1\n`);
    expect(await sender.probe()).toMatchObject({
      isReady: false,
      gaps: [{ problem: expect.stringMatching(/PATH ends with :\/opt\/homebrew\/bin:\/usr\/local\/bin$/) }],
    });
  });

  it('imsg does not get the token of the agent', async () => {
    vi.stubEnv('HOMING_RELAY_TOKEN', 'secret');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const { program, sender } = setUpImsg();
    writeFileSync(program, '#!/bin/sh\necho "token: $HOMING_RELAY_TOKEN." >&2\nexit 1\n');
    expect(await sender.probe()).toMatchObject({ gaps: [{ problem: 'imsg: it exited with 1: token: .' }] });
  });

  it('imsg that is installed later is found by the next probe', async () => {
    const installed = setUpImsg();
    const program = `${installed.program}-later`;
    const { sender } = setUpImsg({}, { program });
    expect(await sender.probe()).toMatchObject({ isReady: false });
    writeFileSync(program, `#!/bin/sh\nexec '${installed.program}' "$@"\n`);
    chmodSync(program, 0o755);
    expect(await sender.probe()).toEqual(WITHOUT_BRIDGE);
  });

  it('a program that ends at once is a gap with its message', async () => {
    const { sender, behave } = setUpImsg();
    behave('initialize', 'die');
    expect(await sender.probe()).toMatchObject({
      isReady: false,
      gaps: [
        {
          problem: 'imsg: it exited with 70: Fatal error: out of luck',
          fix: SEE_REASON,
        },
      ],
    });
    expect(await sender.send(text(ANN))).toEqual({
      kind: 'rejected',
      code: 'device_error',
      problem: `imsg: it exited with 70: Fatal error: out of luck. ${SEE_REASON}`,
    });
    behave('initialize', 'deliver');
    expect(await sender.probe()).toEqual(WITHOUT_BRIDGE);
  });

  it('missing Full Disk Access of an old version is a gap and a missing permission', async () => {
    const { sender, behave } = setUpImsg();
    behave('initialize', 'no disk access');
    expect(await sender.probe()).toMatchObject({ isReady: false, gaps: [{ fix: FULL_DISK_ACCESS }] });
    expect(await sender.send(text(ANN))).toMatchObject({ kind: 'rejected', code: 'permission_denied' });
  });

  it('probes at the same time start one process', async () => {
    const { sender, processes } = setUpImsg();
    await Promise.all([sender.probe(), sender.probe(), sender.send(text(ANN)), sender.lookUp!(BEN)]);
    await sender.send(text(BEN));
    expect(processes()).toBe(1);
  });

  it('close during a start ends the process', async () => {
    const { sender, calls } = setUpImsg();
    const probe = sender.probe();
    const send = sender.send(text(ANN));
    sender.close();
    expect(await probe).toMatchObject({
      isReady: false,
      gaps: [{ problem: 'The relay agent is stopping.' }],
    });
    expect(await send).toMatchObject({ kind: 'rejected', problem: 'The relay agent is stopping.' });
    expect(calls()).toEqual([]);
  });
});
