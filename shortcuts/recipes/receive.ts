/**
 * Homing Receive: sends the sender and the text of a message to the broker. The automation "When I get a message"
 * runs it. iOS provides no message id and does not repeat an automation, so a failed request loses the message.
 */
import { hasNoValue, isTrue, type Recipe, writeRecipe } from '../format/recipe.ts';
import { asText, propertyOf, shortcutInput, text } from '../format/values.ts';
import { type Connection, connectToBroker } from './broker.ts';

export function receiveRecipe(connection: Connection = {}): Recipe {
  const name = 'Homing Receive';
  const about = {
    name,
    icon: { color: 4282601983, glyph: 59511 },
    accepts: ['WFStringContentItem', 'WFMessageContentItem'],
  };
  return writeRecipe(about, (steps) => {
    const broker = connectToBroker(steps, connection);
    steps.when(hasNoValue(shortcutInput), () => {
      steps.notification({
        title: name,
        body: 'This shortcut is run by the automation "When I get a message", which passes the message to it.',
      });
      steps.stop();
    });
    const sender = asText(propertyOf(shortcutInput, 'Sender'));
    const response = broker.post(broker.address('/inbound'), {
      from: text`${sender}`,
      text: text`${asText(shortcutInput)}`,
    });
    steps.when(
      isTrue(steps.getValue('ok', response)),
      () => steps.comment('The broker has the message.'),
      () =>
        steps.notification({
          title: name,
          body: text`The broker did not accept a message from ${sender}. ${steps.getValue('message', response)} Run Homing Check for details.`,
        }),
    );
  });
}
