/**
 * Homing Receive: run by the automation "When I get a message", passes its sender and its text to the broker. iOS
 * gives no id with a message and does not start an automation again: what does not arrive is lost.
 */
import { hasNoValue, isTrue, type Recipe, writeRecipe } from '../format/recipe.ts';
import { asText, propertyOf, shortcutInput, text } from '../format/values.ts';
import { type Connection, reachBroker } from './broker.ts';

export function receiveRecipe(connection: Connection = {}): Recipe {
  const name = 'Homing Receive';
  const about = {
    name,
    icon: { color: 4282601983, glyph: 59511 },
    accepts: ['WFStringContentItem', 'WFMessageContentItem'],
  };
  return writeRecipe(about, (steps) => {
    const broker = reachBroker(steps, connection);
    steps.when(hasNoValue(shortcutInput), () => {
      steps.notification({
        title: name,
        body: 'This shortcut is for the automation "When I get a message", which gives it the message.',
      });
      steps.stop();
    });
    const sender = asText(propertyOf(shortcutInput, 'Sender'));
    const answer = broker.post(broker.address('/inbound'), {
      from: text`${sender}`,
      text: text`${asText(shortcutInput)}`,
    });
    steps.when(
      isTrue(steps.getValue('ok', answer)),
      () => steps.comment('The broker has the message.'),
      () =>
        steps.notification({
          title: name,
          body: text`A message from ${sender} was not taken. ${steps.getValue('message', answer)} Homing Check says more.`,
        }),
    );
  });
}
