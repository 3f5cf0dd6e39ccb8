/**
 * Homing Check: shows whether the token, the broker and the number fit together, and sends one test to oneself
 * after asking.
 */
import { hasAnyValue, isTrue, type Recipe, writeRecipe } from '../format/recipe.ts';
import { text } from '../format/values.ts';
import { type Connection, reachBroker } from './broker.ts';

export function checkRecipe(connection: Connection = {}): Recipe {
  const title = 'Homing Check';
  return writeRecipe({ name: title, icon: { color: 4292093695, glyph: 59511 } }, (steps) => {
    const broker = reachBroker(steps, connection);
    const answer = broker.get('/check');
    const message = steps.getValue('message', answer);
    steps.when(
      isTrue(steps.getValue('ok', answer)),
      () => {
        const to = steps.getValue('to', answer);
        const words = steps.getValue('text', answer);
        steps.alert({ title, message: text`${message}\n\nSend a test to ${to}?`, canCancel: true });
        steps.sendMessage({ to, content: text`${words}` });
      },
      () =>
        steps.when(
          hasAnyValue(message),
          () => steps.alert({ title, message: text`${message}`, canCancel: false }),
          () =>
            steps.alert({
              title,
              message: text`The answer is not a broker's. Look at the address at the top. It was: ${answer}`,
              canCancel: false,
            }),
        ),
    );
  });
}
