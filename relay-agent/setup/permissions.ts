/**
 * Whom macOS asks about permissions, and how they are granted. A permission belongs to the program that macOS
 * holds responsible: for what is typed in a terminal that is the terminal, for what launchd starts it is the
 * program in the property list, which is Node.
 */
export interface PermissionHolder {
  /** The Node that runs this. */
  program: string;
  /** The terminal that it was started from, where that is known. */
  terminal: string | undefined;
}

/** Values of TERM_PROGRAM and what the program is called in System Settings. */
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
    `Click +, press Shift-Command-G, enter ${program}, click Open, and switch it on. The installed agent runs by it.`,
    ...(terminal === undefined
      ? []
      : [`Switch on ${terminal} too: it started this command. Then quit ${terminal} and open it again.`]),
    'Run the doctor again: npx homing relay doctor.',
    `After an update of that program (a new Node, say) macOS forgets this: remove ${program} there with − and add it again.`,
  ];
}

export function automationSteps({ program, terminal }: PermissionHolder): string[] {
  const name = terminal ?? program.slice(program.lastIndexOf('/') + 1);
  return [
    'Open System Settings → Privacy & Security → Automation.',
    `Switch on Messages under ${name}${terminal === undefined ? ` (${program})` : ''}; for the installed agent also under node.`,
    'Where it is not listed, run `tccutil reset AppleEvents`, then the doctor again, and click OK when macOS asks.',
    'After an update of that program (a new Node, say) macOS may ask again.',
  ];
}
