import { describe, expect, it } from 'vitest';
import { propertyList, readPrinted } from '../../../relay-agent/setup/launch-agent.ts';

const PRINTED = `gui/501/dev.homing.relay = {
	active count = 1
	path = /Users/owner/Library/LaunchAgents/dev.homing.relay.plist
	type = LaunchAgent
	state = running

	program = /usr/local/bin/node
	arguments = {
		/usr/local/bin/node
		pid = 7
	}

	domain = gui/501 [100005]
	minimum runtime = 30
	runs = 3
	pid = 4711
	last exit code = 1

	endpoints = {
		"dev.homing.port" = {
			pid = 1
		}
	}
}
`;

describe('the output of launchctl print', () => {
  it('readPrinted reads fields of the service and ignores nested fields', () => {
    expect(readPrinted(PRINTED)).toEqual({ pid: 4711, lastExit: '1' });
  });

  it('readPrinted reads a stopped service, one that never exited, and one killed by a signal', () => {
    const stopped = PRINTED.replace('\tpid = 4711\n', '');
    expect(readPrinted(stopped)).toEqual({ pid: undefined, lastExit: '1' });
    expect(readPrinted(stopped.replace('code = 1', 'code = (never exited)'))).toEqual({});
    const killed = stopped.replace('last exit code = 1', 'last terminating signal = Killed: 9');
    expect(readPrinted(killed)).toEqual({ lastExit: 'Killed: 9' });
  });
});

it('the property list escapes XML characters', () => {
  const text = propertyList({
    command: ['/opt/A & B/<node>', 'main.js'],
    environment: { HOMING_RELAY_URL: 'https://broker/?a="1"&b' },
    errorFile: '/tmp/errors.log',
  });
  expect(text).toContain('<string>/opt/A &amp; B/&lt;node&gt;</string>');
  expect(text).toContain('<key>SuccessfulExit</key>\n      <false/>');
});
