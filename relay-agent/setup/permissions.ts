/**
 * Finds the program that needs a permission of macOS, and lists the steps to grant the permission. macOS assigns a
 * permission to the responsible program: the terminal for a typed command, and Node for a service of launchd.
 */
export interface PermissionHolder {
  /** Path of Node. */
  program: string;
  /** Name of the terminal that started this command, if known. */
  terminal: string | undefined;
}

/** Names in System Settings by value of TERM_PROGRAM. */
const TERMINALS: Record<string, string> = {
  Apple_Terminal: 'Terminal',
  'iTerm.app': 'iTerm',
  vscode: 'Visual Studio Code',
  WarpTerminal: 'Warp',
  ghostty: 'Ghostty',
  WezTerm: 'WezTerm',
  Hyper: 'Hyper',
  Tabby: 'Tabby',
};

export function permissionHolder(program: string, environment: NodeJS.ProcessEnv): PermissionHolder {
  const name = environment.TERM_PROGRAM ?? '';
  if (environment.SSH_CONNECTION) return { program, terminal: 'sshd-keygen-wrapper' };
  return { program, terminal: TERMINALS[name] ?? (name === '' ? undefined : name) };
}

export function fullDiskAccessSteps({ program, terminal }: PermissionHolder): string[] {
  return [
    'Open System Settings → Privacy & Security → Full Disk Access.',
    `Click +, press Shift-Command-G, enter ${program}, click Open, and switch it on. The installed agent runs in this program.`,
    ...(terminal === undefined
      ? []
      : [`Also switch on ${terminal}, which started this command. Then quit ${terminal} and open it again.`]),
    'Run the doctor again: npx homing relay doctor.',
    `An update of this program (for example a new Node) revokes the permission: remove ${program} with − and add it again.`,
  ];
}

export function automationSteps({ program, terminal }: PermissionHolder): string[] {
  const name = terminal ?? program.slice(program.lastIndexOf('/') + 1);
  return [
    'Open System Settings → Privacy & Security → Automation.',
    `Switch on Messages under ${name}${terminal === undefined ? ` (${program})` : ''}, and under node for the installed agent.`,
    'If it is not listed, run `tccutil reset AppleEvents`, run the doctor again, and click OK when macOS asks.',
    'After an update of this program (for example a new Node) macOS may ask again.',
  ];
}
