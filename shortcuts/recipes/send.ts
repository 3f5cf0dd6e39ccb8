/**
 * Homing Send: fetches and sends messages until the broker stops it.
 *
 * - No message is sent twice: the broker delivers each message once, and the run ends at any unclear response.
 * - iOS ends a shortcut at a failed action, so a failed send is not reported. The broker marks a message without a
 *   report as unconfirmed after a timeout.
 * - On iOS 27 a journal outlives the run. Its only entry is "sending" from before the send until after it, then "sent"
 *   until the broker has the report. The next run reports an entry that is left, before it requests a message.
 */
import { type Edition, SHORTCUT_NAMES } from '../../shared/shortcut-editions.ts';
import { contains, type Recipe, type Steps, writeRecipe } from '../format/recipe.ts';
import { chargerConnected, notificationOf } from '../format/triggers.ts';
import { MESSAGES_APP, type Text, text, type Variable } from '../format/values.ts';
import { type Broker, type Connection, connectToBroker } from './broker.ts';

/** Limits a run without a stop to 25 minutes: each round waits up to 25 s. */
const ROUNDS = 60;
const JOURNAL_KEY = 'Homing Send';

export function sendRecipe(connection: Connection = {}, edition: Edition = 'ios-16'): Recipe {
  const name = SHORTCUT_NAMES.send;
  const hasJournal = edition === 'ios-27';
  const about = {
    name,
    icon: { color: 463140863, glyph: 59511 },
    // The notification of a message says neither sender nor text, so it can start only this shortcut.
    triggers: hasJournal ? [notificationOf(MESSAGES_APP), chargerConnected] : [],
  };
  return writeRecipe(about, (steps) => {
    const broker = connectToBroker(steps, connection);
    if (hasJournal) reportLeftEntry(steps, broker, name);
    steps.comment('Identifies this run: the broker delivers messages only to the newest run.');
    // Two small numbers: some languages write large numbers with separators.
    const run = text`${steps.randomNumber(100, 999)}${steps.randomNumber(100, 999)}`;
    steps.repeat(ROUNDS, () => {
      const next = broker.get(text`/next?wait=25&run=${run}${hasJournal ? '&journal=yes' : ''}`);

      steps.when(
        contains(steps.text(text`${next}`), 'has_message'),
        () => steps.comment('The response is from the broker.'),
        () => {
          steps.notification({ title: name, body: text`The response is not from a Homing broker: ${next}` });
          steps.stop();
        },
      );
      const state = steps.getText('state', next);
      const sendMessage = () => {
        const id = steps.getValue('id', next);
        const to = steps.getValue('to', next);
        const words = steps.setVariable('Message', steps.getValue('text', next));
        const reportUrl = steps.getValue('report_url', next);
        const mediaUrl = steps.getText('media_url', next);
        const journal = hasJournal ? journalOf(steps, id, steps.getValue('lease', next)) : undefined;
        const send = (content: Text) => {
          journal?.store('sending');
          steps.sendMessage({ to, content });
        };
        steps.when(
          contains(mediaUrl, 'http'),
          () => {
            const file = steps.setVariable('File', steps.getContents({ url: text`${mediaUrl}` }, 'File'));
            send(text`${words}${file}`);
          },
          () => send(text`${words}`),
        );
        steps.comment('If sending fails, iOS ends the shortcut above, without a report.');
        journal?.store('sent');
        const report = broker.post(text`${reportUrl}`, { id: text`${id}`, status: 'sent' });
        steps.when(
          contains(steps.getText('result', report), 'ok'),
          () => {
            steps.comment('The broker has the report.');
            journal?.clear();
          },
          () => steps.stop(),
        );
      };
      const waitOrStop = () => {
        steps.when(
          contains(state, 'wait'),
          () => steps.comment('No message is queued.'),
          () => {
            steps.when(contains(state, 'error'), () =>
              steps.notification({ title: name, body: text`${steps.getValue('message', next)}` }),
            );
            steps.stop();
          },
        );
      };
      steps.when(contains(state, 'send'), sendMessage, waitOrStop);
    });
  });
}

/** Reports the message of an earlier run. The entry stays until the broker has it. */
function reportLeftEntry(steps: Steps, broker: Broker, title: string): void {
  const entry = steps.text(text`${steps.getStored(JOURNAL_KEY)}`);
  steps.when(contains(entry, 'msg_'), () => {
    const response = broker.post(broker.address('/report'), { journal: text`${entry}` });
    steps.when(
      contains(steps.getText('result', response), 'ok'),
      () => steps.deleteStored(JOURNAL_KEY),
      () => {
        steps.notification({ title, body: text`${steps.getValue('message', response)}` });
        steps.stop();
      },
    );
  });
}

function journalOf(steps: Steps, id: Variable, lease: Variable) {
  return {
    store: (state: 'sending' | 'sent') => steps.store(JOURNAL_KEY, text`${state} ${id} ${lease}`),
    clear: () => steps.deleteStored(JOURNAL_KEY),
  };
}
