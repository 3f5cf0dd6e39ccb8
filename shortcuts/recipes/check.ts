/** Homing Check: checks token, broker and number, and sends a test message to the phone's own number after a prompt. */
import { SHORTCUT_NAMES } from '../../shared/shortcut-editions.ts';
import { contains, type Recipe, writeRecipe } from '../format/recipe.ts';
import { text } from '../format/values.ts';
import { type Connection, connectToBroker } from './broker.ts';

export function checkRecipe(connection: Connection = {}): Recipe {
  const title = SHORTCUT_NAMES.check;
  return writeRecipe({ name: title, icon: { color: 4292093695, glyph: 59511 } }, (steps) => {
    const broker = connectToBroker(steps, connection);
    const response = broker.get('/check');
    steps.when(
      contains(steps.text(text`${response}`), 'result'),
      () => {
        const message = steps.getValue('message', response);
        steps.when(
          contains(steps.getText('result', response), 'ok'),
          () => {
            const to = steps.getValue('to', response);
            const words = steps.setVariable('Message', steps.getValue('text', response));
            steps.alert({ title, message: text`${message}\n\nSend a test to ${to}?`, canCancel: true });
            steps.sendMessage({ to, content: text`${words}` });
          },
          () => steps.alert({ title, message: text`${message}`, canCancel: false }),
        );
      },
      () =>
        steps.alert({
          title,
          message: text`The response is not from a Homing broker. Check the address at the top of this shortcut. Response: ${response}`,
          canCancel: false,
        }),
    );
  });
}
