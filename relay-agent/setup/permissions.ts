/**
 * Finds the program that needs a permission of macOS, and lists the steps to grant the permission. macOS assigns a
 * permission to the responsible program: the terminal for a typed command, and the program of the service for launchd.
 */
export interface PermissionHolder {
  /** Path of the program of the installed agent; of the running Node if none is installed. */
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

/** Returns the step that adds a program to Full Disk Access. The folder ~/Library is hidden in Finder. */
export function addProgramStep(program: string): string {
  return (
    `Click +, press Shift-Command-G, enter ${program}, click Open, and switch it on. ` +
    `Or show it in Finder (open -R '${program}') and drag it into the list.`
  );
}

export function fullDiskAccessSteps({ program, terminal }: PermissionHolder): string[] {
  return [
    'Open System Settings → Privacy & Security → Full Disk Access.',
    `${addProgramStep(program)} The installed agent runs in this program.`,
    ...(terminal === undefined
      ? []
      : [`Also switch on ${terminal}, which started this command. Then quit ${terminal} and open it again.`]),
    'Run the doctor again: npx homing relay doctor.',
    `If it is already on, remove ${program} with − and add it again: a replaced program loses the permission.`,
  ];
}

export function automationSteps({ program, terminal }: PermissionHolder): string[] {
  const name = program.slice(program.lastIndexOf('/') + 1);
  return [
    'Open System Settings → Privacy & Security → Automation.',
    terminal === undefined
      ? `Switch on Messages under ${name} (${program}).`
      : `Switch on Messages under ${terminal}, and under ${name} (${program}) for the installed agent.`,
    'If it is not listed, run `tccutil reset AppleEvents`, run the doctor again, and click OK when macOS asks.',
    'A replaced program loses the permission, and macOS asks again.',
  ];
}
