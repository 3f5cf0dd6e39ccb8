/** Says in words how a recipient opted out. */
import type { OptOut } from '../api/types.ts';

export function originText({ origin, reason }: Pick<OptOut, 'origin' | 'reason'>): string {
  switch (origin) {
    case 'message':
      return `Replied “${reason}”`;
    case 'api':
      return 'Recorded by the API';
    case 'command_line':
      return 'Recorded at the command line';
    case 'dashboard':
      return 'Recorded by a member';
    case 'note':
      return reason;
  }
}
