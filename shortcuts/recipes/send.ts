/**
 * Homing Send: fetches and sends messages until the broker stops it.
 *
 * - No message is sent twice: the broker delivers each message once, and the run ends at any unclear response.
 * - iOS ends a shortcut at a failed action, so a failed send is not reported. The broker marks a message without a
 *   report as unconfirmed after a timeout.
 */
import { contains, hasAnyValue, isTrue, type Recipe, writeRecipe } from '../format/recipe.ts';
import { text } from '../format/values.ts';
import { type Connection, connectToBroker } from './broker.ts';

/** Limits a run without a stop to 25 minutes: each round waits up to 25 s. */
const ROUNDS = 60;

export function sendRecipe(connection: Connection = {}): Recipe {
  const name = 'Homing Send';
  return writeRecipe({ name, icon: { color: 463140863, glyph: 59511 } }, (steps) => {
    const broker = connectToBroker(steps, connection);
    steps.comment('Identifies this run: the broker delivers messages only to the newest run.');
    // Two small numbers: some languages write large numbers with separators.
    const run = text`${steps.randomNumber(100, 999)}${steps.randomNumber(100, 999)}`;
    steps.repeat(ROUNDS, () => {
      const next = broker.get(text`/next?wait=25&run=${run}`);

      // Not "has any value": some versions of iOS treat "false" as no value.
      steps.when(
        contains(next, 'has_message'),
        () => steps.comment('The response is from the broker.'),
        () => {
          steps.notification({ title: name, body: text`The response is not from a Homing broker: ${next}` });
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
        // Not "has any value": versions of iOS differ for an empty text.
        steps.when(
          contains(mediaUrl, 'http'),
          () => {
            const file = steps.getContents({ url: text`${mediaUrl}` }, 'File');
            steps.sendMessage({ to, content: text`${words}${file}` });
          },
          () => steps.sendMessage({ to, content: text`${words}` }),
        );
        steps.comment('If sending fails, iOS ends the shortcut above, without a report.');
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
