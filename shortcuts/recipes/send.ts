/**
 * Homing Send: fetches messages and sends them, until the broker says stop. It never sends a message twice: each
 * is handed out once, and a run ends rather than guess.
 *
 * iOS ends a shortcut in the action that failed, so that a message which could not be sent is not reported by
 * it. The broker takes a message without a report for unconfirmed after a while.
 */
import { contains, hasAnyValue, isTrue, type Recipe, writeRecipe } from '../format/recipe.ts';
import { text } from '../format/values.ts';
import { type Connection, reachBroker } from './broker.ts';

/** With 25 seconds of waiting each at most 25 minutes: a run ends even if nobody ever says stop. */
const ROUNDS = 60;

export function sendRecipe(connection: Connection = {}): Recipe {
  const name = 'Homing Send';
  return writeRecipe({ name, icon: { color: 463140863, glyph: 59511 } }, (steps) => {
    const broker = reachBroker(steps, connection);
    steps.comment('Tells this run from others: the broker hands out messages to the newest one only.');
    // Two small ones: a large one may be written with spaces or dots in it, as people of the place write numbers.
    const run = text`${steps.randomNumber(100, 999)}${steps.randomNumber(100, 999)}`;
    steps.repeat(ROUNDS, () => {
      const next = broker.get(text`/next?wait=25&run=${run}`);

      // Not by whether a value is there: an iOS may take "false" for none.
      steps.when(
        contains(next, 'has_message'),
        () => steps.comment('The broker has answered.'),
        () => {
          steps.notification({ title: name, body: text`Somebody else answered: ${next}` });
          steps.stop();
        },
      );
      steps.when(isTrue(steps.getValue('stop', next)), () => {
        const reason = steps.getValue('message', next);
        steps.when(hasAnyValue(reason), () => steps.notification({ title: name, body: text`${reason}` }));
        steps.stop();
      });

      steps.when(isTrue(steps.getValue('has_message', next)), () => {
        const id = steps.getValue('id', next);
        const to = steps.getValue('to', next);
        const words = steps.getValue('text', next);
        const reportUrl = steps.getValue('report_url', next);
        const mediaUrl = steps.getValue('media_url', next);
        // Not "has any value": whether an empty text has one is not the same on every iOS.
        steps.when(
          contains(mediaUrl, 'http'),
          () => {
            const file = steps.getContents({ url: text`${mediaUrl}` }, 'File');
            steps.sendMessage({ to, content: text`${words}${file}` });
          },
          () => steps.sendMessage({ to, content: text`${words}` }),
        );
        steps.comment('If sending fails, iOS ends the shortcut above, and nothing is reported.');
        const report = broker.post(text`${reportUrl}`, { id: text`${id}`, status: 'sent' });
        steps.when(
          isTrue(steps.getValue('ok', report)),
          () => steps.comment('The broker has the report.'),
          () => steps.stop(),
        );
      });
    });
  });
}
